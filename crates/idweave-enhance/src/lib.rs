//! idweave-enhance
