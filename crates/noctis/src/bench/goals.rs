//! What is held to be fast enough, and what missed it.

use super::measure::Row;
use super::open::Report;
use super::questions::Class;

/// Ninety-nine of a hundred answers of an open loop, in milliseconds.
const PAGE_P99_MS_MAX: f64 = 10.0;
const AGGREGATE_P99_MS_MAX: f64 = 50.0;
/// What HTTP may add to the bare statements: the larger of the two.
const ADDED_MS_MAX: f64 = 0.5;
const ADDED_RATIO_MAX: f64 = 2.0;
/// Against flat tables, where time is bounded; a fifth of a millisecond is noise.
const FLAT_RATIO_MAX: f64 = 1.15;
const FLAT_NOISE_MS: f64 = 0.2;
/// Against flat tables, where it is not.
const FLAT_MORE_MS_MAX: f64 = 20.0;
const FLAT_MORE_BUFFERS_MAX: u64 = 400;
/// From one store to a larger one; so few buffers more are an index that is one level higher.
const GROWTH_RATIO_MAX: f64 = 1.2;
const GROWTH_BUFFERS_NOISE: u64 = 8;
/// Resident memory of `serve`.
const MEMORY_BYTES_MAX: u64 = 200_000_000;

/// What HTTP adds beyond the goal, as a sentence.
#[must_use]
pub fn added(row: &Row) -> Option<String> {
    let allowed = (row.bare_ms + ADDED_MS_MAX).max(row.bare_ms * ADDED_RATIO_MAX);
    (row.p50_ms > allowed)
        .then(|| format!("{}: HTTP {:.2} ms, bare {:.2} ms", named(row), row.p50_ms, row.bare_ms))
}

/// What partitions cost beyond the goal.
#[must_use]
pub fn against_flat(row: &Row, flat: &Row) -> Option<String> {
    let is_missed = if row.is_bounded {
        row.bare_ms > (flat.bare_ms * FLAT_RATIO_MAX).max(flat.bare_ms + FLAT_NOISE_MS)
    } else {
        row.bare_ms > flat.bare_ms + FLAT_MORE_MS_MAX
            || row.buffers > flat.buffers + FLAT_MORE_BUFFERS_MAX
    };
    is_missed.then(|| {
        format!(
            "{}: {:.2} ms and {} buffers, flat {:.2} ms and {}",
            named(row),
            row.bare_ms,
            row.buffers,
            flat.bare_ms,
            flat.buffers
        )
    })
}

/// What a larger store costs beyond the goal: the same question's buffers.
#[must_use]
pub fn growth(row: &Row, larger: &Row) -> Option<String> {
    #[allow(clippy::cast_precision_loss, reason = "a count of pages")]
    let ratio = larger.buffers as f64 / row.buffers.max(1) as f64;
    let is_missed = ratio > GROWTH_RATIO_MAX && larger.buffers > row.buffers + GROWTH_BUFFERS_NOISE;
    is_missed.then(|| {
        format!("{}: {} buffers became {}, {ratio:.1}x", named(row), row.buffers, larger.buffers)
    })
}

/// What an open loop missed.
#[must_use]
pub fn open(report: &Report) -> Vec<String> {
    let mut missed = Vec::new();
    let goals = [("all pages", PAGE_P99_MS_MAX), ("all aggregates", AGGREGATE_P99_MS_MAX)];
    for (name, max) in goals {
        let spread = report.spreads.iter().find(|spread| spread.name == name);
        if let Some(spread) = spread.filter(|spread| spread.p99_ms > max || spread.failed > 0) {
            let (p99, failed) = (spread.p99_ms, spread.failed);
            missed.push(format!("{name}: p99 {p99:.0} ms (goal {max:.0}), {failed} failed"));
        }
    }
    if report.serve_memory_peak_bytes >= MEMORY_BYTES_MAX {
        let bytes = report.serve_memory_peak_bytes / 1_000_000;
        missed.push(format!("serve had {bytes} MB (goal: under 200)"));
    }
    missed
}

/// The goal of a question of this class in an open loop, in milliseconds.
#[must_use]
pub fn p99_ms_max(class: Class) -> f64 {
    match class {
        Class::Page => PAGE_P99_MS_MAX,
        Class::Aggregate => AGGREGATE_P99_MS_MAX,
    }
}

fn named(row: &Row) -> String {
    format!("{} {}", row.question, row.argument).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bare_ms: f64, p50_ms: f64, buffers: u64, is_bounded: bool) -> Row {
        Row {
            question: "Q1 latest",
            argument: String::new(),
            class: Class::Page,
            is_bounded,
            first_ms: 1.0,
            bare_ms,
            planning_ms: 0.0,
            p50_ms,
            p95_ms: 1.0,
            p99_ms: 1.0,
            turns: 1,
            statements: 1,
            partitions: 1,
            buffers,
        }
    }

    #[test]
    fn http_may_add_half_a_millisecond_or_as_much_again() {
        assert_eq!(added(&row(0.2, 0.69, 1, true)), None);
        assert_eq!(
            added(&row(0.2, 0.8, 1, true)).as_deref(),
            Some("Q1 latest: HTTP 0.80 ms, bare 0.20 ms")
        );
        assert_eq!(added(&row(4.0, 7.9, 1, true)), None);
        assert!(added(&row(4.0, 8.1, 1, true)).is_some());
    }

    #[test]
    fn partitions_may_cost_a_share_where_time_is_bounded_and_a_sum_where_not() {
        let flat = row(10.0, 10.0, 100, true);
        assert_eq!(against_flat(&row(11.4, 0.0, 900, true), &flat), None);
        assert!(against_flat(&row(11.6, 0.0, 100, true), &flat).is_some());
        assert_eq!(against_flat(&row(29.0, 0.0, 500, false), &flat), None);
        assert!(against_flat(&row(31.0, 0.0, 100, false), &flat).is_some());
        assert!(against_flat(&row(10.0, 0.0, 501, false), &flat).is_some());
    }

    #[test]
    fn a_larger_store_may_cost_a_fifth_more() {
        assert_eq!(growth(&row(0.0, 0.0, 100, true), &row(0.0, 0.0, 120, true)), None);
        assert_eq!(growth(&row(0.0, 0.0, 10, true), &row(0.0, 0.0, 17, true)), None);
        assert_eq!(
            growth(&row(0.0, 0.0, 100, true), &row(0.0, 0.0, 250, true)).as_deref(),
            Some("Q1 latest: 100 buffers became 250, 2.5x")
        );
    }
}
