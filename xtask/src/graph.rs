//! Cycles in a graph, such as the one of schemas that refer to one another.

use std::collections::{BTreeMap, HashMap};

/// Numbers the cycles of a graph: returns for each name the cycle it is on; names on none are missing.
///
/// Two names with one number reach each other (Tarjan's strongly connected components).
#[must_use]
pub fn strongly_connected(edges: &BTreeMap<String, Vec<String>>) -> HashMap<String, usize> {
    let mut search = Search {
        edges,
        index: HashMap::new(),
        low: HashMap::new(),
        stack: Vec::new(),
        found: HashMap::new(),
        count: 0,
    };
    for name in edges.keys() {
        if !search.index.contains_key(name.as_str()) {
            search.visit(name);
        }
    }
    search.found
}

struct Search<'a> {
    edges: &'a BTreeMap<String, Vec<String>>,
    index: HashMap<&'a str, usize>,
    low: HashMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: HashMap<String, usize>,
    count: usize,
}

impl<'a> Search<'a> {
    fn visit(&mut self, name: &'a str) -> usize {
        let index = self.index.len();
        self.index.insert(name, index);
        let mut low = index;
        self.stack.push(name);
        let next: &'a [String] = self.edges.get(name).map_or(&[], Vec::as_slice);
        for to in next {
            match self.index.get(to.as_str()) {
                None if self.edges.contains_key(to) => low = low.min(self.visit(to)),
                // Finished names have left the stack and have a low mark of their own.
                Some(seen) if !self.low.contains_key(to.as_str()) => low = low.min(*seen),
                _ => {}
            }
        }
        if low == index {
            let from = self.stack.iter().rposition(|n| *n == name).unwrap_or(0);
            let members = self.stack.split_off(from);
            let is_cycle = members.len() > 1 || next.iter().any(|to| to == name);
            for member in members {
                self.low.insert(member, low);
                if is_cycle {
                    self.found.insert(member.to_owned(), self.count);
                }
            }
            self.count += 1;
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strongly_connected_numbers_names_that_reach_each_other() {
        let edges: BTreeMap<String, Vec<String>> = [
            ("a", "b"),
            ("b", "c"),
            ("c", "b d"),
            ("d", "e"),
            ("e", ""),
            ("s", "s x"),
            ("p", "q"),
            ("q", "p a"),
        ]
        .map(|(from, to)| {
            (
                from.to_owned(),
                to.split_whitespace().map(str::to_owned).collect(),
            )
        })
        .into();
        let found = strongly_connected(&edges);
        assert_eq!(found.get("b"), found.get("c"));
        assert_eq!(found.get("p"), found.get("q"));
        assert_ne!(found.get("b"), found.get("p"));
        assert!(found.contains_key("s") && found.contains_key("b"));
        for alone in ["a", "d", "e", "x"] {
            assert!(!found.contains_key(alone), "{alone}");
        }
    }
}
