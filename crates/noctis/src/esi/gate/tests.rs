//! The gate over time: reserve, errors, too many, failures, downtime.

use super::super::heard::Bucket;
use super::*;

fn at(text: &str) -> Timestamp {
    format!("2026-11-22T{text}Z").parse().unwrap()
}

fn answer(status: u16) -> Heard {
    Heard { status: StatusCode::from_u16(status).unwrap(), ..Heard::default() }
}

fn tokens(group: &str, remaining: u64) -> Heard {
    let window = SignedDuration::from_mins(15);
    let bucket = Bucket { group: group.into(), remaining, limit: 3_600, window };
    Heard { bucket: Some(bucket), ..answer(200) }
}

#[track_caller]
fn closed(gate: &Gate, now: &str) -> (Timestamp, Why) {
    let closed = gate.closed_at(at(now)).expect("closed");
    (closed.until, closed.why)
}

#[test]
fn a_new_gate_is_open_outside_of_downtime_only() {
    let gate = Gate::default();
    assert_eq!(gate.closed_at(at("10:59:59.999")), None);
    assert_eq!(closed(&gate, "11:00:00"), (at("11:15:00"), Why::Downtime));
    assert_eq!(closed(&gate, "11:14:59.999"), (at("11:15:00"), Why::Downtime));
    assert_eq!(gate.closed_at(at("11:15:00")), None);
}

#[test]
fn it_stops_when_a_fifth_is_left_until_the_window_is_over() {
    let mut gate = Gate::default();
    gate.heard(&tokens("names", 721), at("12:00:00"));
    assert_eq!(gate.closed_at(at("12:00:00")), None);
    gate.heard(&tokens("names", 720), at("12:00:01"));
    let why = Why::Budget { group: "names".into(), remaining: 720, limit: 3_600 };
    assert_eq!(closed(&gate, "12:00:02"), (at("12:15:01"), why));
    assert_eq!(gate.closed_at(at("12:15:01")), None);
}

#[test]
fn one_budget_near_its_end_stops_all_of_them() {
    let mut gate = Gate::default();
    gate.heard(&tokens("killmails", 100), at("12:00:00"));
    gate.heard(&tokens("names", 3_600), at("12:00:01"));
    assert_eq!(closed(&gate, "12:14:59").0, at("12:15:00"));
    let budgets = [("killmails".to_owned(), 100, 3_600), ("names".to_owned(), 3_600, 3_600)];
    assert_eq!(gate.budgets(), budgets);
}

#[test]
fn errors_are_left_alone_at_a_fifth_too() {
    let mut gate = Gate::default();
    let errors = |remaining, seconds| Heard {
        errors: Some((remaining, SignedDuration::from_secs(seconds))),
        ..answer(404)
    };
    gate.heard(&errors(21, 30), at("12:00:00"));
    assert_eq!(gate.closed_at(at("12:00:00")), None);
    gate.heard(&errors(20, 30), at("12:00:00"));
    assert_eq!(closed(&gate, "12:00:29"), (at("12:00:30"), Why::Errors { remaining: 20 }));
}

#[test]
fn too_many_is_waited_out_as_told_or_a_minute() {
    for status in [429, 420] {
        let mut gate = Gate::default();
        gate.heard(&answer(status), at("12:00:00"));
        assert_eq!(closed(&gate, "12:00:00"), (at("12:01:00"), Why::TooMany));

        let told = SignedDuration::from_secs(5);
        let mut gate = Gate::default();
        gate.heard(&Heard { retry_after: Some(told), ..answer(status) }, at("12:00:00"));
        assert_eq!(closed(&gate, "12:00:00"), (at("12:00:05"), Why::TooMany));
    }
    let mut gate = Gate::default();
    let errors = Some((0, SignedDuration::from_secs(42)));
    gate.heard(&Heard { errors, ..answer(420) }, at("12:00:00"));
    assert_eq!(closed(&gate, "12:00:00").0, at("12:00:42"));
}

#[test]
fn failures_double_the_wait_up_to_a_bound_and_a_success_ends_them() {
    let mut gate = Gate::default();
    let mut waits = Vec::new();
    let mut now = at("12:00:00");
    for _ in 0..10 {
        gate.heard(&answer(503), now);
        let until = gate.closed_at(now).unwrap().until;
        waits.push(until.duration_since(now).as_secs());
        now = until;
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    gate.heard(&answer(200), now);
    assert_eq!(gate.closed_at(now), None);
    assert_eq!(gate.failed("fell silent", now).until.duration_since(now).as_secs(), 5);
}

#[test]
fn a_failure_that_tells_how_long_to_wait_is_believed() {
    let mut gate = Gate::default();
    let told = Some(SignedDuration::from_mins(10));
    gate.heard(&Heard { retry_after: told, ..answer(503) }, at("12:00:00"));
    assert_eq!(closed(&gate, "12:00:00").0, at("12:10:00"));
}

#[test]
fn the_longer_of_two_waits_counts() {
    let mut gate = Gate::default();
    gate.heard(&tokens("names", 0), at("10:50:00"));
    gate.failed("fell silent", at("10:51:00"));
    assert_eq!(closed(&gate, "10:51:00").0, at("11:05:00"));
    assert_eq!(closed(&gate, "11:01:00"), (at("11:15:00"), Why::Downtime));
}
