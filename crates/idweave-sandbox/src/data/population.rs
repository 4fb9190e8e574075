//! A population that costs memory only for those who differ from how they were seeded.
//!
//! Positions are stable: seeded people keep `0..base`, whoever joins later comes after them, and
//! whoever leaves leaves a gap.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::data::seed::Seed;

/// Something a roster can hold: made from the seed, found by id and by e-mail.
pub(crate) trait Seeded: Clone {
    /// The one who was seeded at this index.
    fn make(seed: &Seed, index: usize) -> Self;
    /// The index a seeded id was made for, without looking anything up.
    fn index_of(seed: &Seed, id: &str) -> Option<usize>;
    fn id(&self) -> &str;
    fn email(&self) -> Option<&str>;
}

#[derive(Debug)]
pub(crate) struct Roster<T> {
    seed: Seed,
    base: usize,
    changed: BTreeMap<usize, T>,
    gone: HashSet<usize>,
    ids: HashMap<String, usize>,
    emails: HashMap<String, usize>,
    end: usize,
    version: u64,
}

impl<T: Seeded> Roster<T> {
    pub(crate) fn new(seed: &Seed, base: usize) -> Self {
        Self {
            seed: seed.clone(),
            base,
            changed: BTreeMap::new(),
            gone: HashSet::new(),
            ids: HashMap::new(),
            emails: HashMap::new(),
            end: base,
            version: 0,
        }
    }

    /// One past the last position ever used.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Grows with every change, so that a cached index knows when it is stale.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.gone.len()
    }

    pub(crate) fn is_gone(&self, position: usize) -> bool {
        self.gone.contains(&position)
    }

    /// The entry that differs from its seed, if it does; cheap, for scans over millions.
    pub(crate) fn changed(&self, position: usize) -> Option<&T> {
        self.changed.get(&position)
    }

    pub(crate) fn get(&self, position: usize) -> Option<Cow<'_, T>> {
        if self.gone.contains(&position) {
            return None;
        }
        match self.changed.get(&position) {
            Some(entry) => Some(Cow::Borrowed(entry)),
            None if position < self.base => Some(Cow::Owned(T::make(&self.seed, position))),
            None => None,
        }
    }

    pub(crate) fn get_mut(&mut self, position: usize) -> Option<&mut T> {
        if self.gone.contains(&position) || position >= self.end {
            return None;
        }
        self.version += 1;
        if position >= self.base {
            return self.changed.get_mut(&position);
        }
        let seed = &self.seed;
        Some(
            self.changed
                .entry(position)
                .or_insert_with(|| T::make(seed, position)),
        )
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        if let Some(&position) = self.ids.get(id) {
            return (!self.gone.contains(&position)).then_some(position);
        }
        let position = T::index_of(&self.seed, id).filter(|&position| position < self.base)?;
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
                    .is_some_and(|own| own.eq_ignore_ascii_case(&email))
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
            .filter(|&position| position < self.base)?;
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

    /// Makes a changed address findable; call after editing the entry's e-mail.
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
        position < self.end && self.gone.insert(position)
    }

    /// Everyone still here, in order, from a position on.
    pub(crate) fn from(&self, start: usize) -> impl Iterator<Item = (usize, Cow<'_, T>)> {
        (start..self.end).filter_map(move |position| Some((position, self.get(position)?)))
    }
}
