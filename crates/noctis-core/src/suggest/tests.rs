//! Suggestions against a reading of all names one by one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::grams::{Found, Lookup, SlipLookup};
use super::keys::{GRAM_BYTES_MAX, Key, Keys};
use super::list::List;
use super::smallest::Smallest;
use super::tree::{Gram, KINDS, LIGHT_NAMES_MAX, Tree};
use super::{Asked, Entity, Fit, Kind, best, fold};

/// Keys kept by a pass: small, so that there are many passes.
const KEYS_MAX: usize = 1_000;
const LIMIT: usize = 10;

/// Names with the grams that a store would keep.
struct Kept {
    entities: Vec<Entity>,
    grams: BTreeMap<Vec<u8>, Gram>,
}

fn kind(no: u32) -> Kind {
    [Kind::Character, Kind::Corporation, Kind::Alliance][(no % KINDS) as usize - 1]
}

impl Kept {
    fn new(mut entities: Vec<Entity>) -> Kept {
        entities.sort_by(|one, other| one.standing().cmp(&other.standing()));
        let mut grams = BTreeMap::new();
        let mut keep = |gram: Gram| {
            assert!(grams.insert(gram.gram.clone(), gram).is_none(), "a gram is kept once");
        };
        let (mut smallest, mut keys, mut tree) =
            (Smallest::new(KEYS_MAX), Keys::default(), Tree::default());
        loop {
            for (place, entity) in (0..).zip(&entities) {
                for text in std::iter::once(&entity.name).chain(&entity.ticker) {
                    let no = place * KINDS + entity.kind as u32;
                    let heads = smallest.heads();
                    keys.of(&fold(text), no, heads, |key| smallest.offer(key));
                }
            }
            smallest.sorted().iter().for_each(|key| tree.push(*key, &mut keep));
            if !smallest.go_on() {
                break;
            }
        }
        tree.finish(&mut keep);
        Kept { entities, grams }
    }

    /// As the store looks a gram up: the last that is not behind it, if it begins it.
    fn look_up(&self, grams: &[Vec<u8>]) -> Vec<Found> {
        let look = |(place, asked): (usize, &Vec<u8>)| {
            let (gram, kept) = self.grams.range(..=asked.clone()).next_back()?;
            let Gram { is_heavy, names, .. } = kept.clone();
            asked.starts_with(gram).then_some(Found { place, bytes: gram.len(), is_heavy, names })
        };
        grams.iter().enumerate().filter_map(look).collect()
    }

    fn judge(&self, asked: &Asked, names: &[u32]) -> Vec<(Fit, Entity)> {
        let entity = |name: &u32| &self.entities[(*name / KINDS) as usize];
        let judged = names.iter().filter_map(|name| {
            assert_eq!(kind(*name), entity(name).kind);
            Some((entity(name).judge(asked)?, entity(name).clone()))
        });
        best(judged.collect(), LIMIT)
    }

    fn suggest(&self, asked: &Asked) -> Vec<(Fit, Entity)> {
        let lookup = Lookup::of(asked);
        let names = lookup.names(&self.look_up(lookup.grams()), LIMIT, |_| true);
        let found = self.judge(asked, &names);
        if found.len() == LIMIT || !asked.may_be_slip() {
            return found;
        }
        let slips = SlipLookup::of(asked);
        let names = slips.names(&self.look_up(slips.grams()), LIMIT, |_| true);
        best(found.into_iter().chain(self.judge(asked, &names)).collect(), LIMIT)
    }

    /// By reading all names.
    fn naive(&self, typed: &str) -> Vec<(Fit, Entity)> {
        let typed = fold(typed);
        let fits = self.entities.iter().filter_map(|entity| {
            let texts = std::iter::once(&entity.name).chain(&entity.ticker);
            let fit = texts
                .filter_map(|text| {
                    let text = fold(text);
                    let word = text.contains(&format!(" {typed}")).then_some(Fit::Word);
                    let begin = text.starts_with(&typed).then_some(Fit::Begin);
                    let middle = text.contains(&typed).then_some(Fit::Middle);
                    (text == typed).then_some(Fit::Exact).or(begin).or(word).or(middle)
                })
                .min()?;
            Some((fit, entity.clone()))
        });
        let mut fits: Vec<(Fit, Entity)> = fits.collect();
        fits.sort_by(|a, b| (a.0, a.1.standing()).cmp(&(b.0, b.1.standing())));
        fits.truncate(LIMIT);
        fits
    }
}

fn entity(place: usize, name: &str, ticker: Option<&str>, activity: i64) -> Entity {
    let kind = [Kind::Character, Kind::Corporation, Kind::Alliance][place % 3];
    let ticker = ticker.map(str::to_owned);
    Entity { kind, id: place as i64, activity, name: name.to_owned(), ticker }
}

/// Few letters, so that there are heavy grams among a few hundred names.
fn names() -> impl Strategy<Value = Vec<Entity>> {
    let name = "[abÄ]{1,4}( [abя]{1,3}){0,2}";
    let row = (name, proptest::option::of("[ab]{2,3}"), 0..9_i64);
    proptest::collection::vec(row, 1..700).prop_map(|rows| {
        let row = |(place, (name, ticker, activity)): (usize, &(String, Option<String>, i64))| {
            entity(place, name, ticker.as_deref(), *activity)
        };
        rows.iter().enumerate().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn grams_and_the_list_in_memory_answer_as_a_reading_of_all_names_does(
        entities in names(),
        typed in proptest::collection::vec("[abAäЯ ]{1,6}", 20),
    ) {
        let kept = Kept::new(entities);
        let list = List::new(kept.entities.clone());
        for typed in typed {
            let Some(asked) = Asked::new(&typed) else { continue };
            let naive = kept.naive(&typed);
            let found = kept.suggest(&asked);
            prop_assert_eq!(&found[..naive.len()], &naive[..], "{}", typed);
            prop_assert!(found.iter().all(|(fit, entity)| entity.judge(&asked) == Some(*fit)));
            let listed = list.find(&asked, None, LIMIT);
            prop_assert_eq!(&listed[..naive.len()], &naive[..], "{}", typed);
            prop_assert!(listed[naive.len()..].iter().all(|(fit, _)| *fit == Fit::Words));
        }
    }

    #[test]
    fn a_heavy_gram_is_held_by_more_than_a_light_one_may_and_no_light_one_begins_another(
        entities in names(),
    ) {
        let kept = Kept::new(entities);
        let holds = |gram: &[u8]| {
            kept.entities.iter().filter(|entity| {
                let mut keys = Keys::default();
                let mut holds = false;
                for text in std::iter::once(&entity.name).chain(&entity.ticker) {
                    keys.of(&fold(text), 1, 0..=u64::MAX, |key| holds |= key.gram.starts_with(gram));
                }
                holds
            }).count()
        };
        for gram in kept.grams.values() {
            let holders = holds(&gram.gram);
            prop_assert_eq!(gram.is_heavy, holders > LIGHT_NAMES_MAX);
            if !gram.is_heavy {
                prop_assert_eq!(holders, gram.names.len());
                let beginning = (0..gram.gram.len()).map(|bytes| &gram.gram[..bytes]);
                prop_assert!(beginning.filter(|b| !b.is_empty()).all(|b| kept.grams[b].is_heavy));
            }
        }
    }

    #[test]
    fn folding_again_changes_nothing(text in "\\PC{0,20}") {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.starts_with(' ') && !folded.ends_with(' ') && !folded.contains("  "));
    }

    #[test]
    fn one_slip_anywhere_still_finds_the_name_among_others(
        entities in proptest::collection::vec("[a-h]{3,5}( [a-h]{3,6})?", 300..500),
        which in any::<prop::sample::Index>(),
        slips in proptest::collection::vec((0..4_u8, any::<prop::sample::Index>()), 10),
    ) {
        let rows = entities.iter().enumerate().map(|(place, name)| entity(place, name, None, 0));
        let kept = Kept::new(rows.collect());
        let list = List::new(kept.entities.clone());
        let meant = which.get(&kept.entities);
        for (slip, place) in slips {
            let typed = slipped(&meant.name, slip, place);
            let Some(asked) = Asked::new(&typed).filter(Asked::may_be_slip) else { continue };
            let slips = SlipLookup::of(&asked);
            let names = slips.names(&kept.look_up(slips.grams()), LIMIT, |_| true);
            let found = kept.judge(&asked, &names);
            let is_there = |found: &[(Fit, Entity)]| found.iter().any(|(_, one)| one == meant);
            prop_assert!(is_there(&found) || found.len() == LIMIT, "{typed} for {}", meant.name);
            let listed = list.find_slips(&asked, None, usize::MAX >> 1);
            let exact = list.find(&asked, None, usize::MAX >> 1);
            prop_assert!(is_there(&listed) || is_there(&exact), "{typed} for {}", meant.name);
        }
    }
}

/// A letter wrong, too many, missing, or two swapped.
fn slipped(name: &str, slip: u8, place: prop::sample::Index) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let place = place.index(letters.len());
    match slip {
        0 => letters[place] = 'z',
        1 => letters.insert(place, 'z'),
        2 => drop(letters.remove(place)),
        _ => letters.swap(place, (place + 1).min(name.len() - 1)),
    }
    letters.into_iter().collect()
}

#[test]
fn case_accents_and_spaces_do_not_count() {
    for (text, folded) in [
        ("  Dark\tShadow ", "dark shadow"),
        ("Äŋström Ünçal", "aŋstrom uncal"),
        ("İstanbul Straße", "istanbul strasse"),
        ("Ёлка Йод", "елка иод"),
        ("Ｆｕｌｌ ①", "full 1"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("a\u{1}b", "ab"),
        ("\u{301}", ""),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
    assert_ne!(fold("がんだむ"), fold("かんたむ"));
}

#[test]
fn a_name_is_judged_by_where_what_was_typed_stands_in_it() {
    let fit = |typed: &str, name: &str| entity(0, name, None, 0).judge(&Asked::new(typed)?);
    for (typed, name, expected) in [
        ("jita", "Jita", Some(Fit::Exact)),
        ("ji", "Jita", Some(Fit::Begin)),
        ("shadow", "Dark Shadow", Some(Fit::Word)),
        ("hado", "Dark Shadow", Some(Fit::Middle)),
        ("shadow da", "Dark Shadow", Some(Fit::Words)),
        ("drak shadow", "Dark Shadow", Some(Fit::SlipExact)),
        ("dakr sha", "Dark Shadow", Some(Fit::SlipBegin)),
        ("shdaow", "Dark Shadow", Some(Fit::SlipWord)),
        ("drak shdaow", "Dark Shadow", None),
        ("jit", "Rens", None),
        ("abc", "abd", None),
    ] {
        assert_eq!(fit(typed, name), expected, "{typed} in {name}");
    }
    let goons = entity(1, "Goonswarm Federation", Some("CONDI"), 0);
    assert_eq!(goons.judge(&Asked::new("condi").unwrap()), Some(Fit::Exact));
    assert!(Asked::new(" \u{301} ").is_none());
}

#[test]
fn a_key_has_the_head_that_its_name_was_passed_over_by() {
    let mut keys = Vec::new();
    Keys::default().of("ab cdefgh ijklmnop qrstuvwxyz 0123456789", 7, 0..=u64::MAX, |key| {
        keys.push(key);
    });
    Keys::default().of("яд", 7, 0..=u64::MAX, |key| keys.push(key));
    for key in keys {
        let mut again = Vec::new();
        let head = key.head();
        let name = if key.gram.contains(&0xD1) {
            "яд"
        } else {
            "ab cdefgh ijklmnop qrstuvwxyz 0123456789"
        };
        Keys::default().of(name, 7, head..=head, |key| again.push(key));
        assert!(again.contains(&key));
        assert_eq!(Key::new(&key.gram[..key.bytes()], 7), key);
        assert!(key.bytes() <= GRAM_BYTES_MAX);
    }
}
