//! When kills happen: more of them every year, on weekends, and in the European evening.

/// The longest range that is generated: kills exist since 2007.
pub(super) const RANGE_HOURS_MAX: i64 = 60 * 366 * 24;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Monday to Sunday.
const BY_WEEKDAY: [f64; 7] = [0.93, 0.92, 0.92, 0.94, 1.00, 1.13, 1.16];
/// Hours of UTC, EVE's own time; the servers are down at 11:00.
const BY_HOUR: [f64; 24] = [
    1.05, 1.00, 1.00, 0.95, 0.88, 0.80, 0.72, 0.66, 0.64, 0.66, 0.70, 0.35, 0.74, 0.86, 0.96, 1.05,
    1.16, 1.32, 1.52, 1.68, 1.70, 1.55, 1.30, 1.15,
];

/// Turns a share of all kills into a time, so that kills are as dense as they should be.
pub(super) struct Calendar {
    from: i64,
    to: i64,
    /// Weight of all hours before the n-th one has ended.
    cumulative: Vec<f64>,
    cursor: usize,
}

impl Calendar {
    /// Seconds since 1970; `from` lies before `to` by at most [`RANGE_HOURS_MAX`] hours.
    pub(super) fn new(from: i64, to: i64) -> Calendar {
        let mut cumulative = Vec::new();
        let mut total = 0.0;
        let mut start = from;
        while start < to {
            let end = (start.div_euclid(HOUR) * HOUR + HOUR).min(to);
            total += density(start) * (end - start) as f64;
            cumulative.push(total);
            start = end;
        }
        Calendar { from, to, cumulative, cursor: 0 }
    }

    /// The time before which this share (0 to 1) of all kills happens. Shares must not fall from call to call.
    pub(super) fn time_at(&mut self, share: f64) -> i64 {
        let target = share * self.cumulative.last().copied().unwrap_or(0.0);
        while self.cursor + 1 < self.cumulative.len() && self.cumulative[self.cursor] < target {
            self.cursor += 1;
        }
        let before = if self.cursor == 0 { 0.0 } else { self.cumulative[self.cursor - 1] };
        let hour = self.from.div_euclid(HOUR) + self.cursor as i64;
        let (start, end) = ((hour * HOUR).max(self.from), (hour * HOUR + HOUR).min(self.to));
        let part = (target - before) / (self.cumulative[self.cursor] - before);
        (start + (part * (end - start) as f64) as i64).clamp(self.from, self.to - 1)
    }
}

/// Kills a second, in no particular unit.
fn density(time: i64) -> f64 {
    let weekday = (time.div_euclid(DAY) + 3).rem_euclid(7) as usize;
    let hour = time.rem_euclid(DAY) / HOUR;
    let years_since_2008 = (time - 1_199_145_600) as f64 / (365.2425 * DAY as f64);
    (0.4 + 0.08 * years_since_2008).max(0.1) * BY_WEEKDAY[weekday] * BY_HOUR[hour as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_times_that_never_fall_and_stay_in_the_range() {
        let (from, to) = (1_500_000_123, 1_500_900_777);
        let mut calendar = Calendar::new(from, to);
        let times: Vec<i64> =
            (0..10_000).map(|n| calendar.time_at(f64::from(n) / 10_000.0)).collect();
        assert!(
            times.is_sorted() && times[0] == from && times[9_999] < to && times[9_999] > to - 3_600
        );
    }
}
