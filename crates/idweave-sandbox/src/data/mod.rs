//! What the emulators store and read: values that follow from a seed, populations, fields of bodies.

pub(crate) mod fields;
pub(crate) mod population;
pub(crate) mod seed;
