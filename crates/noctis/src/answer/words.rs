//! Every tag and label with its meaning, and how many recent kills carry it.
//!
//! Counting all of history would read all of it. So the newest kills are counted, exactly, and the answer says which
//! range of time that was; the counts are kept for a while.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::{labels::LABELS, tags};
use noctis_core::question::{self, People};
use noctis_core::time::TimeRange;
use noctis_store::killmails::{self, WordCounts};
use noctis_store::{Connection, Result};
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::activity::Certainty;
use crate::kills::Kills;

/// How far back from the newest kill is counted.
const COUNTED_TIME_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Kills counted at most: about a week of EVE.
const COUNTED_KILLS_MAX: i64 = 100_000;
/// Counts are taken again when somebody asks and they are older than this.
const COUNTS_AGE_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Stands for one label a category of ships.
const CATEGORY_LABEL: &str = "cat:N";
/// The categories of what is commonly lost; others are listed once a kill has them.
const CATEGORIES: [i64; 4] = [6, 22, 23, 65];

/// Every tag, and what was counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagPage {
    pub tags: Vec<TagMeaning>,
    pub counted: Counted,
}

/// Every label that noctis gives, and what was counted. Feeds bring others, such as `padding`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabelPage {
    pub labels: Vec<LabelMeaning>,
    pub counted: Counted,
}

/// A tag as `module_tags` takes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagMeaning {
    pub tag: String,
    pub meaning: String,
    /// Kills that carry it, of those counted.
    pub count: i64,
}

/// A label as `labels` takes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabelMeaning {
    pub label: String,
    pub meaning: String,
    /// Kills that carry it, of those counted.
    pub count: i64,
}

/// Which kills were counted: all of this range that are in the tables. It ends with the newest of those.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Counted {
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Kills in that range.
    pub kills: i64,
    /// `at_least` where months of the range are archived.
    pub kind: Certainty,
    /// Archived months, as `2025-06`, of this range: kills that went there are not counted.
    pub not_counted: Vec<String>,
    /// When they were counted; at most ten minutes ago.
    #[schema(value_type = String, format = DateTime)]
    pub counted_at: Timestamp,
}

/// The counts as of a moment.
#[derive(Debug)]
pub struct Counts {
    counts: WordCounts,
    not_counted: Vec<String>,
    counted_at: Timestamp,
}

/// Keeps the counts; who comes while they are taken waits for the same ones.
#[derive(Debug, Default)]
pub struct Words {
    kept: Mutex<Option<Arc<Counts>>>,
}

impl Words {
    /// The counts, ten minutes old at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn counts(
        &self,
        kills: &Kills,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Result<Arc<Counts>> {
        let mut kept = self.kept.lock().await;
        if let Some(counts) = kept.as_ref()
            && now.duration_since(counts.counted_at) < COUNTS_AGE_MAX
        {
            return Ok(Arc::clone(counts));
        }
        let client = kills.client().await?;
        let counts = count(&client, catalogue, now).await?;
        drop(client);
        let not_counted = kills.cold_months(counts.range).await?;
        let counts = Arc::new(Counts { counts, not_counted, counted_at: now });
        *kept = Some(Arc::clone(&counts));
        Ok(counts)
    }
}

/// Counts up to the newest kill, so that a store of old kills is counted too.
async fn count(client: &Connection, catalogue: &Catalogue, now: Timestamp) -> Result<WordCounts> {
    let one = [("limit".to_owned(), "1".to_owned())];
    let newest = question::parse(&one, catalogue, &People::default(), now)
        .expect("a limit of one can be asked");
    let mut keys = killmails::newest(client, catalogue, &newest, None, now).await?.keys;
    keys.truncate(1);
    let last = keys.first().map_or(now, |(time, _)| *time);
    let to = last.checked_add(SignedDuration::from_secs(1)).unwrap_or(last);
    let from = to.checked_sub(COUNTED_TIME_MAX).unwrap_or(to);
    killmails::word_counts(client, TimeRange { from, to }, COUNTED_KILLS_MAX).await
}

impl Counts {
    fn counted(&self) -> Counted {
        let WordCounts { range, kills, .. } = self.counts;
        let counted_at = self.counted_at;
        let not_counted = self.not_counted.clone();
        let kind = if not_counted.is_empty() { Certainty::Exact } else { Certainty::AtLeast };
        Counted { from: range.from, to: range.to, kills, kind, not_counted, counted_at }
    }
}

/// Every tag, sorted.
#[must_use]
pub fn tags(catalogue: &Catalogue, counts: &Counts) -> TagPage {
    let count = |tag: &str| counts.counts.tags.get(tag).copied().unwrap_or(0);
    let tags = tags::every(catalogue)
        .into_iter()
        .map(|tag| TagMeaning {
            tag: tag.tag.to_owned(),
            count: count(tag.tag),
            meaning: tag.meaning.into_owned(),
        })
        .collect();
    TagPage { tags, counted: counts.counted() }
}

/// Every label, in the order of its families.
#[must_use]
pub fn labels(catalogue: &Catalogue, counts: &Counts) -> LabelPage {
    let count = |label: &str| counts.counts.labels.get(label).copied().unwrap_or(0);
    let mut all = Vec::with_capacity(LABELS.len() + CATEGORIES.len());
    for row in &LABELS {
        if row.label == CATEGORY_LABEL {
            all.extend(categories(counts).into_iter().map(|id| {
                let label = format!("cat:{id}");
                let name = catalogue.categories.name(id).unwrap_or("unknown");
                let meaning = format!("The victim's ship is of category {id}, {name}");
                LabelMeaning { count: count(&label), label, meaning }
            }));
        } else {
            let (label, meaning) = (row.label.to_owned(), row.meaning.to_owned());
            all.push(LabelMeaning { count: count(&label), label, meaning });
        }
    }
    LabelPage { labels: all, counted: counts.counted() }
}

/// The ids of categories that have a label, sorted.
fn categories(counts: &Counts) -> Vec<i64> {
    let labels = counts.counts.labels.keys();
    let seen = labels.filter_map(|label| label.strip_prefix("cat:")?.parse().ok());
    let mut ids: Vec<i64> = seen.chain(CATEGORIES).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
