//! Invented pilots, corporations and alliances: their ids, their names and who belongs to whom, all by arithmetic.
//!
//! Pilots live in blocs. A bloc below [`ALLIANCES`] is an alliance of a few corporations; the blocs above are one
//! corporation each without an alliance; the last few are EVE's own starter corporations. Everything follows from an id, so
//! a sample can fill its name tables without having kept what was generated.

use super::dice::scatter;

/// Real characters reach 2.13 billion, and real corporations and alliances stay below it.
const CHARACTER_ID_MIN: i64 = 3_000_000_000;
const CORPORATION_ID_MIN: i64 = 4_000_000_000;
const ALLIANCE_ID_MIN: i64 = 5_000_000_000;
const ALLIANCE_ID_MAX: i64 = 5_999_999_999;

/// How many blocs are alliances; in 2022 there were 3,106 alive.
pub(super) const ALLIANCES: u64 = 3_000;
/// How many blocs there are: alliances, corporations without one, and starter corporations.
pub(super) const BLOCS: u64 = NPC_BLOC_MIN + STARTER_CORPORATIONS.len() as u64;
/// The first bloc that is one of EVE's starter corporations.
pub(super) const NPC_BLOC_MIN: u64 = 12_000;
/// Pilots of one bloc, at most: the largest alliance had 34,209.
pub(super) const BLOC_PILOTS_MAX: u64 = 40_000;
const BLOC_CORPORATIONS_MAX: u64 = 64;

const STARTER_CORPORATIONS: [(i64, &str); 12] = [
    (1_000_006, "Deep Core Mining Inc."),
    (1_000_044, "School of Applied Knowledge"),
    (1_000_045, "Science and Trade Institute"),
    (1_000_077, "Royal Amarr Institute"),
    (1_000_115, "University of Caille"),
    (1_000_165, "Hedion University"),
    (1_000_166, "Imperial Academy"),
    (1_000_167, "State War Academy"),
    (1_000_168, "Federal Navy Academy"),
    (1_000_169, "Center for Advanced Studies"),
    (1_000_170, "Republic Military School"),
    (1_000_171, "Republic University"),
];

/// Whom a generated character flies for: a corporation of this generator, or one of EVE's starter corporations.
pub fn corporation_of(character_id: i64) -> i64 {
    let pilot = (character_id - CHARACTER_ID_MIN).max(0) as u64;
    let (bloc, member) = (pilot / BLOC_PILOTS_MAX, pilot % BLOC_PILOTS_MAX);
    if let Some((corporation_id, _)) = starter_corporation(bloc) {
        return corporation_id;
    }
    corporation_of_bloc(bloc, scatter(pilot ^ (member << 40)))
}

/// The alliance of a generated corporation; a third of the pilots who fight have none.
pub fn alliance_of(corporation_id: i64) -> Option<i64> {
    let bloc = bloc_of_corporation(corporation_id)?;
    (bloc < ALLIANCES).then_some(ALLIANCE_ID_MIN + bloc as i64)
}

/// The `member`-th pilot of a bloc, counted from 0 and below [`BLOC_PILOTS_MAX`].
pub(super) fn character_of_bloc(bloc: u64, member: u64) -> i64 {
    CHARACTER_ID_MIN + (bloc * BLOC_PILOTS_MAX + member % BLOC_PILOTS_MAX) as i64
}

/// One of the bloc's corporations; the first ones are larger than the last.
pub(super) fn corporation_of_bloc(bloc: u64, lot: u64) -> i64 {
    if let Some((corporation_id, _)) = starter_corporation(bloc) {
        return corporation_id;
    }
    let count = corporation_count(bloc);
    let chosen = (lot as u32 as u64 % count).min((lot >> 32) % count);
    CORPORATION_ID_MIN + (bloc * BLOC_CORPORATIONS_MAX + chosen) as i64
}

/// How many corporations stand together: many in the first alliances, few in most.
fn corporation_count(bloc: u64) -> u64 {
    if bloc >= ALLIANCES { 1 } else { (BLOC_CORPORATIONS_MAX * 4 / (bloc + 4)).max(2) }
}

fn starter_corporation(bloc: u64) -> Option<(i64, &'static str)> {
    STARTER_CORPORATIONS.get(bloc.checked_sub(NPC_BLOC_MIN)? as usize).copied()
}

fn bloc_of_corporation(corporation_id: i64) -> Option<u64> {
    (CORPORATION_ID_MIN..ALLIANCE_ID_MIN)
        .contains(&corporation_id)
        .then(|| (corporation_id - CORPORATION_ID_MIN) as u64 / BLOC_CORPORATIONS_MAX)
}

/// True for ids of the invented pilots, corporations and alliances.
pub fn is_invented(entity_id: i64) -> bool {
    (CHARACTER_ID_MIN..=ALLIANCE_ID_MAX).contains(&entity_id)
}

/// What a generated character is called. The number makes it unique; real names average 12 letters.
pub fn character_name(character_id: i64) -> String {
    let lot = scatter(character_id as u64);
    format!("{} {}{}", word(lot, 2), word(lot >> 20, 2), (character_id - CHARACTER_ID_MIN).max(0))
}

/// What a corporation is called that generated killmails name.
pub fn corporation_name(corporation_id: i64) -> String {
    if let Some((_, name)) = STARTER_CORPORATIONS.iter().find(|(id, _)| *id == corporation_id) {
        return (*name).to_owned();
    }
    let lot = scatter(corporation_id as u64);
    let kind = [
        "Industries",
        "Logistics",
        "Syndicate",
        "Mercantile",
        "Corps",
        "Vanguard",
        "Academy",
        "Salvage",
    ];
    let number = (corporation_id - CORPORATION_ID_MIN).max(0);
    format!("{} {} {number}", word(lot, 3), kind[(lot >> 50) as usize % kind.len()])
}

/// What a generated alliance is called.
pub fn alliance_name(alliance_id: i64) -> String {
    let lot = scatter(alliance_id as u64);
    let kind = [
        "Coalition",
        "Federation",
        "Dominion",
        "Alliance",
        "Concordat",
        "Union",
        "Collective",
        "Pact",
    ];
    let number = (alliance_id - ALLIANCE_ID_MIN).max(0);
    format!("{} {} {number}", word(lot, 3), kind[(lot >> 50) as usize % kind.len()])
}

/// The ticker of a generated corporation or alliance: at most five letters and digits.
pub fn ticker(entity_id: i64) -> String {
    let mut number = (entity_id % 1_000_000_000) as u64;
    let mut letters = [b'A'; 5];
    for letter in letters.iter_mut().rev() {
        *letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(number % 36) as usize];
        number /= 36;
    }
    letters.iter().map(|&letter| char::from(letter)).collect()
}

const SYLLABLES: [&str; 32] = [
    "ka", "ri", "to", "ven", "sha", "lo", "mir", "dra", "el", "nok", "tis", "ara", "ju", "vas",
    "or", "hel", "ma", "yun", "bes", "ti", "cor", "ani", "sel", "ush", "fen", "gal", "ite", "ro",
    "zen", "um", "pel", "dai",
];

fn word(lot: u64, syllables: u32) -> String {
    let mut word = String::new();
    for n in 0..syllables {
        word.push_str(SYLLABLES[(lot >> (5 * n)) as usize % SYLLABLES.len()]);
    }
    word[..1].to_uppercase() + &word[1..]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_pilot_always_belongs_to_a_corporation_of_its_own_bloc() {
        for bloc in [0, 1, 57, ALLIANCES - 1, ALLIANCES, NPC_BLOC_MIN - 1] {
            for member in [0, 1, 999, BLOC_PILOTS_MAX - 1] {
                let corporation_id = corporation_of(character_of_bloc(bloc, member));
                assert_eq!(bloc_of_corporation(corporation_id), Some(bloc));
                assert_eq!(alliance_of(corporation_id).is_some(), bloc < ALLIANCES);
            }
        }
        assert_eq!(corporation_of(character_of_bloc(NPC_BLOC_MIN, 5)), 1_000_006);
        assert_eq!(alliance_of(1_000_006), None);
        assert_eq!(corporation_name(1_000_006), "Deep Core Mining Inc.");
    }

    #[test]
    fn names_and_tickers_are_unique_and_ids_leave_their_range_nowhere() {
        let last = character_of_bloc(BLOCS - 1, BLOC_PILOTS_MAX - 1);
        assert!(last < CORPORATION_ID_MIN && is_invented(last));
        assert!(CORPORATION_ID_MIN + (BLOCS * BLOC_CORPORATIONS_MAX) as i64 <= ALLIANCE_ID_MIN);
        let names: HashSet<String> =
            (0..20_000).map(|member| character_name(character_of_bloc(3, member))).collect();
        let tickers: HashSet<String> =
            (0..20_000).map(|n| ticker(CORPORATION_ID_MIN + n)).collect();
        assert_eq!((names.len(), tickers.len()), (20_000, 20_000));
        assert!(alliance_name(ALLIANCE_ID_MIN + 7).ends_with(" 7"));
    }
}
