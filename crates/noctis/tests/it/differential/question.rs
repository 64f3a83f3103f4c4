//! A question as the test holds it: what is sent, and beside it what that means.

use super::meaning::Meaning;
use super::witness::Kill;

/// Conditions, nested.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Is(Clause),
    All(Vec<Node>),
    Some(Vec<Node>),
    Not(Box<Node>),
}

/// One key with its value as it is written, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) means: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Time,
    Arrival,
    Value,
}

impl Order {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Order::Time => "time",
            Order::Arrival => "arrival",
            Order::Value => "value",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Each of these has to hold.
    pub(crate) nodes: Vec<Node>,
    /// What stands beside: `role`, `same_attacker`.
    pub(crate) switches: Vec<(&'static str, String)>,
    /// `[from, to)` in seconds since 1970.
    pub(crate) range: (Option<i64>, Option<i64>),
    pub(crate) order: Order,
    pub(crate) limit: usize,
    /// Sent as JSON, not as pairs.
    pub(crate) posted: bool,
}

impl Node {
    fn holds(&self, kill: &Kill) -> bool {
        match self {
            Node::Is(clause) => clause.means.holds(kill),
            Node::All(nodes) => nodes.iter().all(|node| node.holds(kill)),
            Node::Some(nodes) => nodes.iter().any(|node| node.holds(kill)),
            Node::Not(node) => !node.holds(kill),
        }
    }
}

impl Question {
    pub(crate) fn means(&self, kill: &Kill) -> bool {
        let (from, to) = self.range;
        from.is_none_or(|from| from <= kill.time)
            && to.is_none_or(|to| kill.time < to)
            && (self.order != Order::Value || kill.values[0].is_some())
            && self.nodes.iter().all(|node| node.holds(kill))
    }

    /// Ids of the kills it means, in its order.
    pub(crate) fn answer<'a>(&self, kills: impl Iterator<Item = &'a Kill>) -> Vec<i64> {
        let mut meant: Vec<&Kill> = kills.filter(|kill| self.means(kill)).collect();
        match self.order {
            Order::Time => meant.sort_by_key(|kill| std::cmp::Reverse((kill.time, kill.id))),
            Order::Arrival => meant.sort_by_key(|kill| kill.arrival),
            Order::Value => {
                meant.sort_by_key(|kill| std::cmp::Reverse((kill.values[0], kill.time, kill.id)));
            }
        }
        meant.iter().map(|kill| kill.id).collect()
    }

    /// All that is not the tree of conditions.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.switches.clone();
        let time = |second| jiff::Timestamp::from_second(second).unwrap().to_string();
        pairs.extend(self.range.0.map(|from| ("from", time(from))));
        pairs.extend(self.range.1.map(|to| ("to", time(to))));
        pairs.push(("order", self.order.word().to_owned()));
        pairs.push(("limit", self.limit.to_string()));
        pairs
    }

    /// As a query string.
    pub(crate) fn query(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for node in &self.nodes {
            match node {
                Node::Is(clause) => {
                    text.append_pair(&clause.key, &clause.value);
                }
                Node::All(_) | Node::Some(_) | Node::Not(_) => panic!("pairs do not nest"),
            }
        }
        text.extend_pairs(self.settings());
        text.finish()
    }

    /// For a person to read, and to ask again.
    pub(crate) fn shown(&self) -> String {
        format!("GET /api/v1/killmails?{}", self.query())
    }
}
