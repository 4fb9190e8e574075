//! idweave-transport
