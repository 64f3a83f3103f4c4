//! A question as the test holds it: what is sent, and beside it what that means.

use serde_json::{Value, json};

use super::meaning::{Meaning, Role};
use super::witness::Kill;

/// Conditions that all have to hold, others nested in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) clauses: Vec<Clause>,
    /// Of the keys that name none.
    pub(crate) role: Option<Role>,
    pub(crate) same_attacker: bool,
    pub(crate) nested: Vec<Nested>,
}

#[derive(Clone, Debug)]
pub(crate) enum Nested {
    All(Vec<Group>),
    Any(Vec<Group>),
    Not(Group),
}

/// One key with its values as they are written, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) key: String,
    pub(crate) wanted: Vec<String>,
    pub(crate) unwanted: Vec<String>,
    pub(crate) means: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Time,
    Arrival,
    Value,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) group: Group,
    /// `[from, to)` in seconds since 1970.
    pub(crate) range: (Option<i64>, Option<i64>),
    pub(crate) order: Order,
    pub(crate) limit: usize,
    pub(crate) only_ids: bool,
    /// Sent as JSON, not as pairs.
    pub(crate) posted: bool,
}

impl Group {
    fn holds(&self, kill: &Kill, outer: Role) -> bool {
        let bare = self.role.unwrap_or(outer);
        let (bound, free): (Vec<&Clause>, Vec<&Clause>) = self.clauses.iter().partition(|clause| {
            let attacker = kill.attackers.first();
            self.same_attacker
                && attacker.is_some_and(|one| clause.means.holds_of(one, bare).is_some())
        });
        free.iter().all(|clause| clause.means.holds(kill, bare))
            && (bound.is_empty()
                || kill.attackers.iter().any(|attacker| {
                    bound.iter().all(|clause| clause.means.holds_of(attacker, bare) == Some(true))
                }))
            && self.nested.iter().all(|nested| match nested {
                Nested::All(groups) => groups.iter().all(|group| group.holds(kill, bare)),
                Nested::Any(groups) => groups.iter().any(|group| group.holds(kill, bare)),
                Nested::Not(group) => !group.holds(kill, bare),
            })
    }

    fn switches(&self) -> Vec<(&'static str, String)> {
        let role = self.role.map(|role| match role {
            Role::Victim => "victim",
            Role::Attacker => "attacker",
            Role::FinalBlow => "final_blow",
            Role::Any => "any",
        });
        let role = role.map(|role| ("role", role.to_owned()));
        let same = self.same_attacker.then(|| ("same_attacker", "true".to_owned()));
        role.into_iter().chain(same).collect()
    }

    /// As a JSON object in which a key may stand twice, as the language has it.
    fn json(&self, settings: Vec<(&'static str, String)>) -> String {
        let mut entries: Vec<(String, String)> = Vec::new();
        for clause in &self.clauses {
            entries.push((clause.key.clone(), clause.json().to_string()));
        }
        for (key, value) in self.switches().into_iter().chain(settings) {
            entries.push((key.to_owned(), json!(value).to_string()));
        }
        for nested in &self.nested {
            let each = |groups: &[Group]| {
                let groups: Vec<String> = groups.iter().map(|group| group.json(vec![])).collect();
                format!("[{}]", groups.join(","))
            };
            entries.push(match nested {
                Nested::All(groups) => ("all".to_owned(), each(groups)),
                Nested::Any(groups) => ("any".to_owned(), each(groups)),
                Nested::Not(group) => ("not".to_owned(), group.json(vec![])),
            });
        }
        let entries: Vec<String> =
            entries.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
        format!("{{{}}}", entries.join(","))
    }
}

impl Clause {
    /// With commas between, `-` for not.
    fn text(&self) -> String {
        let unwanted = self.unwanted.iter().map(|word| format!("-{word}"));
        self.wanted.iter().cloned().chain(unwanted).collect::<Vec<_>>().join(",")
    }

    /// Numbers as numbers where they are, one value without a list.
    fn json(&self) -> Value {
        let written = |word: &String| match word.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => json!(word),
        };
        let mut values: Vec<Value> = self.wanted.iter().map(written).collect();
        match self.unwanted.as_slice() {
            [] => {}
            [word] => values.push(json!({ "not": written(word) })),
            words => values.push(json!({ "not": words })),
        }
        if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
    }
}

impl Question {
    pub(crate) fn means(&self, kill: &Kill) -> bool {
        let (from, to) = self.range;
        from.is_none_or(|from| from <= kill.time)
            && to.is_none_or(|to| kill.time < to)
            && (self.order != Order::Value || kill.values[0].is_some())
            && self.group.holds(kill, Role::Any)
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

    /// All that is no condition.
    fn settings(&self, cursor: Option<&str>) -> Vec<(&'static str, String)> {
        let time = |second| jiff::Timestamp::from_second(second).unwrap().to_string();
        let mut pairs = Vec::new();
        pairs.extend(self.range.0.map(|from| ("from", time(from))));
        pairs.extend(self.range.1.map(|to| ("to", time(to))));
        let order = match self.order {
            Order::Time => "time",
            Order::Arrival => "arrival",
            Order::Value => "value",
        };
        pairs.push(("order", order.to_owned()));
        pairs.push(("limit", self.limit.to_string()));
        if self.only_ids {
            pairs.push(("fields", "ids".to_owned()));
        }
        pairs.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        pairs
    }

    /// As a query string.
    pub(crate) fn query(&self, cursor: Option<&str>) -> String {
        assert!(self.group.nested.is_empty(), "pairs do not nest");
        let mut text = form_urlencoded::Serializer::new(String::new());
        for clause in &self.group.clauses {
            text.append_pair(&clause.key, &clause.text());
        }
        text.extend_pairs(self.group.switches());
        text.extend_pairs(self.settings(cursor));
        text.finish()
    }

    /// As the body of a search.
    pub(crate) fn json(&self, cursor: Option<&str>) -> String {
        self.group.json(self.settings(cursor))
    }

    /// For a person to read, and to ask again.
    pub(crate) fn shown(&self) -> String {
        if self.posted {
            format!("POST /api/v1/killmails/search {}", self.json(None))
        } else {
            format!("GET /api/v1/killmails?{}", self.query(None))
        }
    }

    /// The same with one condition less, in each way there is.
    pub(crate) fn smaller(&self) -> Vec<Question> {
        let with = |group: Group| Question { group, ..self.clone() };
        self.group.smaller().into_iter().map(with).collect()
    }
}

impl Group {
    fn smaller(&self) -> Vec<Group> {
        let mut all = Vec::new();
        for index in 0..self.clauses.len() {
            let mut group = self.clone();
            group.clauses.remove(index);
            all.push(group);
        }
        for index in 0..self.nested.len() {
            let mut group = self.clone();
            group.nested.remove(index);
            all.push(group);
            let within: Vec<Nested> = match &self.nested[index] {
                Nested::All(groups) => fewer(groups).into_iter().map(Nested::All).collect(),
                Nested::Any(groups) => fewer(groups).into_iter().map(Nested::Any).collect(),
                Nested::Not(group) => group.smaller().into_iter().map(Nested::Not).collect(),
            };
            for nested in within {
                let mut group = self.clone();
                group.nested[index] = nested;
                all.push(group);
            }
        }
        // Within another group none is left empty: the language refuses that.
        all.retain(|group| !group.clauses.is_empty() || !group.nested.is_empty());
        all
    }
}

fn fewer(groups: &[Group]) -> Vec<Vec<Group>> {
    let mut all = Vec::new();
    for index in 0..groups.len() {
        if groups.len() > 1 {
            let mut less = groups.to_vec();
            less.remove(index);
            all.push(less);
        }
        for smaller in groups[index].smaller() {
            let mut less = groups.to_vec();
            less[index] = smaller;
            all.push(less);
        }
    }
    all
}
