//! idweave-docspace
