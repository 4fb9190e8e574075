//! The future that object-safe asynchronous methods return.

use std::{future::Future, pin::Pin};

/// A future on the heap, as object-safe asynchronous methods return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
