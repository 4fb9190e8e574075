//! idweave-ostrom
