//! What a circuit breaker knows, and how each event changes it.
//!
//! The functions are pure and the state is one word, so that each event is one step, and all orders
//! in which the steps of several calls can happen are tried by the test below.

/// The state of a circuit. Times are milliseconds after some start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// Calls are sent. So many transport failures in a row have happened.
    Closed(u32),
    /// Calls are refused until then. The first one after it is sent to see whether there is a
    /// response, and the time is moved on at once: if nothing is heard of that call, the next one
    /// is sent then.
    Open(u64),
}

/// What a call may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Admission {
    /// It is sent.
    Sent,
    /// It is sent as the only one, until this time.
    Trial(u64),
    /// It is not sent; others will be in so many milliseconds.
    Refused(u64),
}

/// When a circuit opens and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) failures: u32,
    /// In milliseconds, at least 1.
    pub(super) pause: u64,
}

const OPEN: u64 = 1 << 63;

impl State {
    /// The state of a new circuit.
    pub(super) const CLOSED: Self = Self::Closed(0);

    pub(super) const fn from_word(word: u64) -> Self {
        if word & OPEN == 0 {
            Self::Closed(word as u32)
        } else {
            Self::Open(word & !OPEN)
        }
    }

    pub(super) const fn to_word(self) -> u64 {
        match self {
            Self::Closed(failures) => failures as u64,
            Self::Open(until) => OPEN | until,
        }
    }

    /// A call asks to be sent.
    pub(super) const fn acquire(self, limits: Limits, now: u64) -> (Self, Admission) {
        match self {
            Self::Closed(_) => (self, Admission::Sent),
            Self::Open(until) if now < until => (self, Admission::Refused(until - now)),
            Self::Open(_) => {
                let until = now.saturating_add(limits.pause);
                (Self::Open(until), Admission::Trial(until))
            }
        }
    }

    /// A response came, to whichever call.
    pub(super) const fn succeeded(self) -> Self {
        Self::CLOSED
    }

    /// No response came.
    pub(super) fn failed(self, limits: Limits, now: u64) -> Self {
        let end = now.saturating_add(limits.pause);
        match self {
            Self::Closed(failures) if failures.saturating_add(1) < limits.failures => {
                Self::Closed(failures + 1)
            }
            Self::Closed(_) => Self::Open(end),
            // By a call that was sent before, or as the trial.
            Self::Open(until) => Self::Open(until.max(end)),
        }
    }

    /// The trial that was let through until `until` ended without saying anything about the
    /// service: it was cancelled, or was not sent after all. The next call takes its place.
    pub(super) fn abandoned(self, until: u64, now: u64) -> Self {
        match self {
            Self::Open(current) if current == until => Self::Open(now.min(until)),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    //! Every order in which three calls can be let through, get a response, fail or be cancelled,
    //! while time passes.

    use std::collections::HashSet;

    use super::*;

    const LIMITS: Limits = Limits {
        failures: 2,
        pause: 2,
    };
    const CALLS: usize = 3;
    const END: u64 = 9;

    /// The circuit, the time, and the calls under way: each with the end of its trial, if it is one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    struct World {
        state: State,
        now: u64,
        calls: [Option<Option<u64>>; CALLS],
    }

    impl World {
        fn with(mut self, call: usize, state: State, under_way: Option<Option<u64>>) -> Self {
            self.state = State::from_word(state.to_word());
            self.calls[call] = under_way;
            self
        }

        /// Everything that can happen next.
        fn next(self) -> Vec<Self> {
            let mut worlds = Vec::new();
            if self.now < END {
                worlds.push(Self {
                    now: self.now + 1,
                    ..self
                });
            }
            for (call, under_way) in self.calls.into_iter().enumerate() {
                match under_way {
                    None => match self.state.acquire(LIMITS, self.now) {
                        (state, Admission::Sent) => worlds.push(self.with(call, state, Some(None))),
                        (state, Admission::Trial(until)) => {
                            worlds.push(self.with(call, state, Some(Some(until))));
                        }
                        (state, Admission::Refused(_)) => worlds.push(self.with(call, state, None)),
                    },
                    Some(trial) => {
                        let responded = self.with(call, self.state.succeeded(), None);
                        assert_eq!(
                            responded.state.acquire(LIMITS, self.now).1,
                            Admission::Sent,
                            "refused right after a response: {self:?}"
                        );
                        worlds.push(responded);
                        worlds.push(self.with(call, self.state.failed(LIMITS, self.now), None));
                        let cancelled = trial.map(|until| self.state.abandoned(until, self.now));
                        let cancelled = self.with(call, cancelled.unwrap_or(self.state), None);
                        if self.state == State::Open(trial.unwrap_or(u64::MAX)) {
                            assert!(
                                matches!(
                                    cancelled.state.acquire(LIMITS, self.now).1,
                                    Admission::Trial(_)
                                ),
                                "a cancelled trial keeps its place: {self:?}"
                            );
                        }
                        worlds.push(cancelled);
                    }
                }
            }
            worlds
        }

        fn check(self) {
            match self.state {
                State::Closed(failures) => assert!(failures < LIMITS.failures, "{self:?}"),
                State::Open(until) => {
                    assert!(until <= self.now + LIMITS.pause, "open too long: {self:?}");
                    // Even if no call that is under way ever ends.
                    let (_, later) = self.state.acquire(LIMITS, self.now.max(until));
                    assert!(matches!(later, Admission::Trial(_)), "stuck: {self:?}");
                }
            }
            let trials = self.calls.iter().flatten().flatten();
            let current = trials.filter(|until| **until > self.now).count();
            assert!(current <= 1, "two trials at once: {self:?}");
        }
    }

    #[test]
    fn circuit_never_gets_stuck_in_any_order_of_events() {
        let mut seen = HashSet::new();
        let mut ahead = vec![World {
            state: State::CLOSED,
            now: 0,
            calls: [None; CALLS],
        }];
        while let Some(world) = ahead.pop() {
            if seen.insert(world) {
                world.check();
                ahead.extend(world.next());
            }
        }
        assert!(seen.len() > 1_000, "{}", seen.len());
        assert!(
            seen.iter()
                .any(|world| matches!(world.state, State::Open(_)))
        );
    }

    #[test]
    fn states_survive_their_word() {
        for state in [
            State::CLOSED,
            State::Closed(u32::MAX),
            State::Open(0),
            State::Open(OPEN - 1),
        ] {
            assert_eq!(State::from_word(state.to_word()), state);
        }
    }
}
