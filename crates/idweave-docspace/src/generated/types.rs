//! Placeholder until the first run of codegen.
