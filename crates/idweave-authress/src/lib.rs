//! idweave-authress
