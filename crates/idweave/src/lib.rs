//! idweave
