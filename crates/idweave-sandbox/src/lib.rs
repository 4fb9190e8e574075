//! idweave-sandbox
