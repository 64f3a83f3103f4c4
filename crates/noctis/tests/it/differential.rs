//! The product's answers compared with a naive evaluation in memory that shares no code of filters, orders or cursors with
//! it: random questions, the same for the same seed, over all real kills and some thousands made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use noctis_core::question::KEYS;
use tokio::task::JoinSet;

use asking::{all_pages, page};
use dice::Dice;
use making::Maker;
use question::{Order, Question};
use witness::Kill;
use world::World;

mod asking;
pub(crate) mod dice;
mod keys;
mod making;
mod meaning;
mod naming;
mod question;
mod witness;
mod world;

/// Questions whose answers are compared when nothing arrives meanwhile.
const QUIET_QUESTIONS: usize = 8_500;
/// Questions that are open while kills arrive.
const BUSY_QUESTIONS: usize = 1_500;
/// Of these, so many in a hundred have to find something.
const FINDING_PERCENT_MIN: usize = 30;
/// Differences shown before the test gives up.
const SHOWN_MAX: usize = 5;
/// Conditions taken out of a question that differs, at most.
const SHRINKS_MAX: usize = 50;
/// Asked at a time; the store has eight connections.
const ASKERS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_random_questions_are_answered_as_the_bodies_say() {
    let world = World::new().await;
    let kills = world.kills().await;
    let naming = world.naming().await;
    let mut maker = Maker::new(&kills, &naming, 20_261_122);
    let quiet: Vec<Question> = (0..QUIET_QUESTIONS).map(|_| maker.question()).collect();
    let busy: Vec<Question> = (0..BUSY_QUESTIONS).map(|_| maker.question()).collect();
    assert_eq!(QUIET_QUESTIONS + BUSY_QUESTIONS, 10_000);
    // Those made up here have none; the real ones may be missing.
    let has_points = kills.iter().any(|kill| kill.points.is_some());
    let can_be_asked = |key: &&str| has_points || !key.ends_with("_points");
    let keys = conditions().filter(can_be_asked);
    let unasked: Vec<&str> = keys.filter(|key| !maker.asked.contains(*key)).collect();
    assert!(unasked.is_empty(), "no question asks by {unasked:?}");
    let finding = while_nothing_arrives(&world, &kills, quiet).await;
    println!("{finding} of {QUIET_QUESTIONS} questions found something");
    assert!(finding * 100 >= QUIET_QUESTIONS * FINDING_PERCENT_MIN);
    let finding = while_kills_arrive(&world, &kills, busy).await;
    println!("{finding} of {BUSY_QUESTIONS} questions found something while kills arrived");
    assert!(finding * 100 >= BUSY_QUESTIONS * FINDING_PERCENT_MIN);
}

/// The keys that say which kills are meant.
fn conditions() -> impl Iterator<Item = &'static str> {
    const OTHERS: [&str; 9] =
        ["from", "to", "order", "limit", "cursor", "fields", "format", "role", "same_attacker"];
    KEYS.iter().map(|entry| entry.name.as_str()).filter(|key| !OTHERS.contains(key))
}

/// How many questions found something; every answer is exactly what it has to be, in its order.
async fn while_nothing_arrives(
    world: &Arc<World>,
    kills: &Arc<Vec<Kill>>,
    questions: Vec<Question>,
) -> usize {
    let questions = Arc::new(questions);
    let next = Arc::new(AtomicUsize::new(0));
    let mut askers = JoinSet::new();
    for asker in 0..ASKERS {
        let (world, kills) = (Arc::clone(world), Arc::clone(kills));
        let (questions, next) = (Arc::clone(&questions), Arc::clone(&next));
        let mut dice = Dice::new(asker as u64);
        askers.spawn(async move {
            let (mut finding, mut wrong) = (0, Vec::new());
            while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut question = question.clone();
                let expected = question.answer(kills.iter());
                question.limit = page_size(expected.len(), &mut dice);
                finding += usize::from(!expected.is_empty());
                if difference(&world, &question, &kills).await.is_some() {
                    wrong.push(shrunk(&world, question, &kills).await);
                    if wrong.len() == SHOWN_MAX {
                        break;
                    }
                }
            }
            (finding, wrong)
        });
    }
    let (mut finding, mut wrong) = (0, Vec::new());
    while let Some(done) = askers.join_next().await {
        let (found, differing) = done.unwrap();
        finding += found;
        wrong.extend(differing);
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    finding
}

/// Most answers on one page, others on two to five; the last page is full, short or missing.
fn page_size(answers: usize, dice: &mut Dice) -> usize {
    let pages = if dice.percent(65) { 1 } else { 2 + dice.below(4) };
    (answers.div_ceil(pages) + dice.below(2)).clamp(1, 1_000)
}

/// What is wrong with the answer, if anything.
async fn difference(world: &World, question: &Question, kills: &[Kill]) -> Option<String> {
    let expected = question.answer(kills.iter());
    let found = match all_pages(world, question).await {
        Ok(found) => found,
        Err(refusal) => return Some(refusal),
    };
    if found == expected {
        return None;
    }
    let missing: Vec<_> = expected.iter().filter(|id| !found.contains(id)).take(5).collect();
    let extra: Vec<_> = found.iter().filter(|id| !expected.contains(id)).take(5).collect();
    let (found, expected) = (found.len(), expected.len());
    Some(format!(
        "{found} found, {expected} expected; missing {missing:?}, beyond {extra:?}; \
         where neither is, the order differs or one came twice"
    ))
}

/// The least question that still differs, with how.
async fn shrunk(world: &World, mut question: Question, kills: &[Kill]) -> String {
    let mut how = difference(world, &question, kills).await.unwrap_or("not again".to_owned());
    for _ in 0..SHRINKS_MAX {
        let mut less = None;
        for smaller in question.smaller() {
            if let Some(still) = difference(world, &smaller, kills).await {
                less = Some((smaller, still));
                break;
            }
        }
        match less {
            Some(found) => (question, how) = found,
            None => break,
        }
    }
    format!("{}\n  {how}", question.shown())
}

/// Questions whose pages are asked in turn, kills arriving after each turn, late ones among them.
async fn while_kills_arrive(
    world: &Arc<World>,
    before: &[Kill],
    questions: Vec<Question>,
) -> usize {
    let mut open: Vec<Open> = questions
        .into_iter()
        .enumerate()
        .map(|(index, mut question)| {
            let answers = question.answer(before.iter()).len();
            question.limit = answers.div_ceil(1 + index % 4).clamp(1, 1_000);
            Open { question, found: Vec::new(), next: None, is_done: false }
        })
        .collect();
    let mut waves = world.waves().into_iter();
    let finding =
        open.iter().filter(|one| before.iter().any(|kill| one.question.means(kill))).count();
    let mut is_calm = false;
    while open.iter().any(|one| !one.is_done) {
        open = turn(world, open, is_calm).await;
        match waves.next() {
            Some(wave) => world.store(&wave).await,
            None => is_calm = true,
        }
    }
    assert_eq!(waves.count(), 0, "questions ended before kills did");
    let after = world.kills().await;
    let wrong: Vec<String> =
        open.iter().filter_map(|one| one.breach(before, &after)).take(SHOWN_MAX).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    finding
}

/// One page more of each question that has one, asked by several at a time.
async fn turn(world: &Arc<World>, open: Vec<Open>, is_calm: bool) -> Vec<Open> {
    let mut shares: Vec<Vec<Open>> = (0..ASKERS).map(|_| Vec::new()).collect();
    open.into_iter().enumerate().for_each(|(index, one)| shares[index % ASKERS].push(one));
    let mut askers = JoinSet::new();
    for mut share in shares {
        let world = Arc::clone(world);
        askers.spawn(async move {
            for one in share.iter_mut().filter(|one| !one.is_done) {
                one.turn(&world, is_calm).await;
            }
            share
        });
    }
    askers.join_all().await.into_iter().flatten().collect()
}

/// A question in the middle of its pages.
struct Open {
    question: Question,
    found: Vec<i64>,
    next: Option<String>,
    is_done: bool,
}

impl Open {
    async fn turn(&mut self, world: &World, is_calm: bool) {
        let (ids, next) = page(world, &self.question, self.next.as_deref()).await.unwrap();
        // A poller goes on for ever; here until nothing more can arrive.
        self.is_done = match self.question.order {
            Order::Arrival => is_calm && ids.is_empty(),
            Order::Time | Order::Value => next.is_none(),
        };
        self.found.extend(ids);
        self.next = next;
    }

    /// What was promised and not kept.
    fn breach(&self, before: &[Kill], after: &[Kill]) -> Option<String> {
        let all = self.question.answer(after.iter());
        let promised: BTreeSet<i64> = match self.question.order {
            Order::Time | Order::Value => self.question.answer(before.iter()),
            Order::Arrival => all.clone(),
        }
        .into_iter()
        .collect();
        let place: BTreeMap<i64, usize> =
            all.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let found: BTreeSet<i64> = self.found.iter().copied().collect();
        let complaint = if !promised.is_subset(&found) {
            "a kill is missing"
        } else if found.len() != self.found.len() {
            "a kill came twice"
        } else if self.found.iter().any(|id| !place.contains_key(id)) {
            "a kill came that is not meant"
        } else if !self.found.is_sorted_by_key(|id| place[id]) {
            "kills came in another order"
        } else {
            return None;
        };
        Some(format!("{}\n  {complaint}", self.question.shown()))
    }
}
