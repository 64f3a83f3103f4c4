//! A list of some ten thousand names in memory, searched as a whole: those of the static data, and those that are newer
//! than the grams.

use memchr::memmem::Finder;

use super::entity::{Entity, Kind};
use super::keys::EDGE;
use super::{Asked, Fit, fold};

/// Names with their folded forms in one text, one after the other, as they stand.
#[derive(Debug, Default)]
pub struct List {
    entities: Vec<Entity>,
    /// Of each a name, and a ticker if it has one, with a mark before each.
    folded: String,
    /// Where the texts of each begin.
    begins: Vec<usize>,
}

impl List {
    #[must_use]
    pub fn new(mut entities: Vec<Entity>) -> List {
        entities.sort_by(|one, other| one.standing().cmp(&other.standing()));
        let mut list = List { begins: Vec::with_capacity(entities.len()), ..List::default() };
        for entity in &entities {
            list.begins.push(list.folded.len());
            for text in std::iter::once(&entity.name).chain(&entity.ticker) {
                list.folded.push(EDGE);
                list.folded.push_str(&fold(text));
            }
        }
        list.folded.shrink_to_fit();
        list.entities = entities;
        list
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    #[must_use]
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The best `limit` that fit without a slip.
    #[must_use]
    pub fn find(&self, asked: &Asked, kind: Option<Kind>, limit: usize) -> Vec<(Fit, Entity)> {
        let judge = |text: &str| asked.judge(text);
        let mut found = self.holding(asked.text(), kind, limit, judge);
        if found.len() < limit
            && let Some(word) = asked.words().into_iter().max_by_key(|word| word.len())
        {
            found.extend(self.holding(word, kind, limit, judge));
        }
        self.best(found, limit)
    }

    /// The best `limit` that fit with one.
    #[must_use]
    pub fn find_slips(
        &self,
        asked: &Asked,
        kind: Option<Kind>,
        limit: usize,
    ) -> Vec<(Fit, Entity)> {
        if !asked.may_be_slip() {
            return Vec::new();
        }
        // A slip touches two letters at most, so what is before the middle is as it should be, or what is behind it.
        let letters = asked.letters();
        let middle = letters.len() / 2;
        let mut found = Vec::new();
        for half in [&letters[..middle], &letters[middle + 1..]] {
            let half: String = half.iter().collect();
            found.extend(self.holding(&half, kind, limit, |text| asked.judge_slip(text)));
        }
        self.best(found, limit)
    }

    /// Those whose texts hold `part` and are judged to fit; of each fit the first `limit`, which stand before all others.
    fn holding(
        &self,
        part: &str,
        kind: Option<Kind>,
        limit: usize,
        judge: impl Fn(&str) -> Option<Fit>,
    ) -> Vec<(Fit, usize)> {
        let finder = Finder::new(part);
        let mut found: Vec<(Fit, usize)> = Vec::new();
        let mut counts = [0; Fit::SlipWord as usize + 1];
        let mut from = 0;
        while let Some(place) = finder.find(&self.folded.as_bytes()[from..]) {
            let entity = self.begins.partition_point(|begin| *begin <= from + place) - 1;
            let until = self.begins.get(entity + 1).copied().unwrap_or(self.folded.len());
            if kind.is_none_or(|kind| kind == self.entities[entity].kind) {
                let texts = self.folded[self.begins[entity]..until].split(EDGE).skip(1);
                if let Some(fit) = texts.filter_map(&judge).min()
                    && counts[fit as usize] < limit
                {
                    counts[fit as usize] += 1;
                    found.push((fit, entity));
                }
            }
            from = until;
        }
        found
    }

    fn best(&self, mut found: Vec<(Fit, usize)>, limit: usize) -> Vec<(Fit, Entity)> {
        found.sort_unstable();
        // Found twice, it was judged alike.
        found.dedup();
        let best = found.into_iter().take(limit);
        best.map(|(fit, place)| (fit, self.entities[place].clone())).collect()
    }
}
