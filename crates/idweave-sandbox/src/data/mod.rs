//! What the emulators store and read: values that follow from a seed, ids, populations, and typed
//! reading of bodies and parameters.

pub(crate) mod fields;
pub(crate) mod ids;
pub(crate) mod parameter;
pub(crate) mod population;
pub(crate) mod seed;
