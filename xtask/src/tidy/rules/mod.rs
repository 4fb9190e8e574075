//! The rules that look at one file, or one pair of files, at a time.

pub(super) mod changelog;
pub(super) mod dead_code;
pub(super) mod doctests;
pub(super) mod extensions;
pub(super) mod generated;
pub(super) mod length;
pub(super) mod opening;
