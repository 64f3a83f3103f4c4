//! Kills and losses by month as bars, drawn on the server: kills stand on the line, losses hang from it.

use crate::answer::Month;
use crate::figures::grouped;

/// Months on a chart, the newest with something last: as far back as there is something, within these.
const MONTHS_SHOWN_MIN: i32 = 24;
const MONTHS_SHOWN_MAX: i32 = 120;
/// Units of the drawing; the page stretches it.
const MONTH_WIDTH: i32 = 10;
const BAR_WIDTH: i32 = 7;
const HEIGHT: i64 = 100;

/// The bars of a chart.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) width: i32,
    pub(super) height: i64,
    /// Where kills stand and losses hang.
    pub(super) line: i64,
    pub(super) bar_width: i32,
    pub(super) first: String,
    pub(super) last: String,
}

pub(super) struct Bar {
    pub(super) title: String,
    pub(super) x: i32,
    pub(super) kills_y: i64,
    pub(super) kills_height: i64,
    pub(super) losses_height: i64,
}

impl Chart {
    /// The chart of these months, newest first. None where there is nothing to draw.
    pub(super) fn new(months: &[Month]) -> Option<Chart> {
        let newest = number(&months.first()?.month)?;
        let oldest = number(&months.last()?.month)?;
        let count = (newest - oldest + 1).clamp(MONTHS_SHOWN_MIN, MONTHS_SHOWN_MAX);
        let first = newest - count + 1;
        let shown: Vec<(i32, &Month)> = months
            .iter()
            .filter_map(|month| Some((number(&month.month)?, month)))
            .filter(|(number, _)| *number >= first)
            .collect();
        let kills_max = shown.iter().map(|(_, month)| month.counted.kills).max()?;
        let losses_max = shown.iter().map(|(_, month)| month.counted.losses).max()?;
        let sum = (kills_max + losses_max).max(1);
        let line = HEIGHT * kills_max / sum;
        // What there is can be seen, however little it is.
        let height = |count: i64| if count == 0 { 0 } else { (HEIGHT * count / sum).max(1) };
        let bars = shown.iter().map(|(number, month)| {
            let (kills, losses) = (month.counted.kills, month.counted.losses);
            let title =
                format!("{}: {} kills, {} losses", month.month, grouped(kills), grouped(losses));
            Bar {
                title,
                x: (number - first) * MONTH_WIDTH,
                kills_y: line - height(kills).min(line),
                kills_height: height(kills).min(line),
                losses_height: height(losses),
            }
        });
        Some(Chart {
            bars: bars.collect(),
            width: count * MONTH_WIDTH,
            height: HEIGHT,
            line,
            bar_width: BAR_WIDTH,
            first: format!("{:04}-{:02}", first.div_euclid(12), first.rem_euclid(12) + 1),
            last: months.first()?.month.clone(),
        })
    }
}

/// The months since the year 0 of `2026-11`.
fn number(month: &str) -> Option<i32> {
    let (year, month) = month.split_once('-')?;
    Some(year.parse::<i32>().ok()? * 12 + month.parse::<i32>().ok()? - 1)
}
