//! A population whose records take memory only where they differ from the seed.
//!
//! Positions are stable: seeded records have `0..seeded`, later ones follow, and a removed one leaves
//! a gap.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::data::seed::Seed;

/// A record that can be generated from the seed, and found by id and by e-mail address.
pub(crate) trait FromSeed: Clone {
    /// Generates the record with this index.
    fn from_seed(seed: &Seed, index: usize) -> Self;
    /// Returns the index a seeded id was derived from, without looking anything up.
    fn index_of(seed: &Seed, id: &str) -> Option<usize>;
    fn id(&self) -> &str;
    fn email(&self) -> Option<&str>;
}

/// The records of one kind: those of the seed, those changed since, those added.
#[derive(Debug)]
pub(crate) struct Population<T> {
    seed: Seed,
    seeded: usize,
    changed: BTreeMap<usize, T>,
    removed: HashSet<usize>,
    ids: HashMap<String, usize>,
    emails: HashMap<String, usize>,
    end: usize,
    version: u64,
}

impl<T: FromSeed> Population<T> {
    pub(crate) fn new(seed: &Seed, seeded: usize) -> Self {
        Self {
            seed: seed.clone(),
            seeded,
            changed: BTreeMap::new(),
            removed: HashSet::new(),
            ids: HashMap::new(),
            emails: HashMap::new(),
            end: seeded,
            version: 0,
        }
    }

    /// Returns the position after the last one ever used.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Returns a number that grows with every change, to tell when a cached index is stale.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.removed.len()
    }

    pub(crate) fn is_removed(&self, position: usize) -> bool {
        self.removed.contains(&position)
    }

    /// Returns the record if it differs from the seed; cheap, for scans over millions.
    pub(crate) fn changed(&self, position: usize) -> Option<&T> {
        self.changed.get(&position)
    }

    pub(crate) fn get(&self, position: usize) -> Option<Cow<'_, T>> {
        if self.removed.contains(&position) {
            return None;
        }
        match self.changed.get(&position) {
            Some(entry) => Some(Cow::Borrowed(entry)),
            None if position < self.seeded => Some(Cow::Owned(T::from_seed(&self.seed, position))),
            None => None,
        }
    }

    pub(crate) fn get_mut(&mut self, position: usize) -> Option<&mut T> {
        if self.removed.contains(&position) || position >= self.end {
            return None;
        }
        self.version += 1;
        if position >= self.seeded {
            return self.changed.get_mut(&position);
        }
        let seed = &self.seed;
        Some(
            self.changed
                .entry(position)
                .or_insert_with(|| T::from_seed(seed, position)),
        )
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        if let Some(&position) = self.ids.get(id) {
            return (!self.removed.contains(&position)).then_some(position);
        }
        let position = T::index_of(&self.seed, id).filter(|&position| position < self.seeded)?;
        self.get(position)
            .is_some_and(|entry| entry.id().eq_ignore_ascii_case(id))
            .then_some(position)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Cow<'_, T>> {
        self.get(self.position(id)?)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut T> {
        self.get_mut(self.position(id)?)
    }

    pub(crate) fn position_by_email(&self, email: &str) -> Option<usize> {
        let email = email.trim().to_lowercase();
        let matches = |position: usize| {
            self.get(position).is_some_and(|entry| {
                entry
                    .email()
                    .is_some_and(|address| address.eq_ignore_ascii_case(&email))
            })
        };
        if let Some(&position) = self.emails.get(&email)
            && matches(position)
        {
            return Some(position);
        }
        let position = self
            .seed
            .person_index(&email)
            .filter(|&position| position < self.seeded)?;
        matches(position).then_some(position)
    }

    pub(crate) fn find_by_email(&self, email: &str) -> Option<Cow<'_, T>> {
        self.get(self.position_by_email(email)?)
    }

    pub(crate) fn push(&mut self, entry: T) -> usize {
        let position = self.end;
        self.end += 1;
        self.version += 1;
        self.ids.insert(entry.id().to_owned(), position);
        if let Some(email) = entry.email() {
            self.emails.insert(email.to_lowercase(), position);
        }
        self.changed.insert(position, entry);
        position
    }

    /// Makes a changed e-mail address findable; call after editing it.
    pub(crate) fn index_email(&mut self, position: usize) {
        let email = self
            .get(position)
            .and_then(|entry| entry.email().map(str::to_lowercase));
        if let Some(email) = email {
            self.emails.insert(email, position);
        }
    }

    pub(crate) fn remove(&mut self, position: usize) -> bool {
        self.version += 1;
        self.changed.remove(&position);
        position < self.end && self.removed.insert(position)
    }

    /// Iterates over the records in order, from a position on.
    pub(crate) fn iter_from(&self, start: usize) -> impl Iterator<Item = (usize, Cow<'_, T>)> {
        (start..self.end).filter_map(move |position| Some((position, self.get(position)?)))
    }
}
