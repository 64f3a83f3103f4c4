//! The splitter finds every value in every form, in chunks of any size, and passes over what is broken.

use super::*;

/// One line a piece: `value …`, `entry id …`, `broken …`.
fn pieces(input: &[u8], chunk: usize) -> Vec<String> {
    let mut splitter = Splitter::default();
    let mut found = Vec::new();
    let mut take = |splitter: &mut Splitter| {
        while let Some(piece) = splitter.next_piece() {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            found.push(match piece {
                Piece::Value(value) => format!("value {}", text(&value)),
                Piece::Entry { killmail_id, value } => {
                    format!("entry {killmail_id} {}", text(&value))
                }
                Piece::Broken(bytes, _) => format!("broken {}", text(&bytes)),
            });
        }
    };
    for chunk in input.chunks(chunk) {
        splitter.push(chunk);
        take(&mut splitter);
    }
    splitter.end();
    take(&mut splitter);
    found
}

#[track_caller]
fn check(input: &str, expected: &[&str]) {
    for chunk in [1, 2, 3, 7, 4096] {
        assert_eq!(pieces(input.as_bytes(), chunk), expected, "in chunks of {chunk}");
    }
}

#[test]
fn values_are_found_in_lines_arrays_and_histories() {
    check("{\"a\":1}\n{\"b\":[{}]}\n", &["value {\"a\":1}", "value {\"b\":[{}]}"]);
    check("{\"a\":1} {\"b\":2}", &["value {\"a\":1}", "value {\"b\":2}"]);
    check("[{\"a\":1},{\"b\":\"]}\\\"\"}]", &["value {\"a\":1}", "value {\"b\":\"]}\\\"\"}"]);
    check("\u{feff}[\n{\"a\":1},\n{\"b\":2}\n]\n", &["value {\"a\":1}", "value {\"b\":2}"]);
    check(
        "{\"1\":\"ab\", \"22\" : {\"c\":3},\"3\":4}",
        &["entry 1 \"ab\"", "entry 22 {\"c\":3}", "entry 3 4"],
    );
    check("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", &["value {\n  \"a\": {\n    \"b\": 1\n  }\n}"]);
    check("[]{}\n[[1],[]]", &["value [1]", "value []"]);
    check("", &[]);
}

#[test]
fn a_broken_value_costs_only_itself() {
    check("{\"a\":1\n{\"b\":2}\n", &["broken {\"a\":1", "value {\"b\":2}"]);
    check(
        "{\"a\":\n{\"b\":2}\n{\"c\":3}\n",
        &["broken {\"a\":", "value {\"b\":2}", "value {\"c\":3}"],
    );
    check("{\"a\":1,\n{\"b\":2}\n", &["broken {\"a\":1,", "value {\"b\":2}"]);
    check("{\"a\":\"x\n{\"b\":2}", &["broken {\"a\":\"x", "value {\"b\":2}"]);
    check("{\"a\":[1}\n{\"b\":2}", &["broken {\"a\":[1}", "value {\"b\":2}"]);
    check("nonsense\n{\"b\":2}", &["broken nonsense", "value {\"b\":2}"]);
    check("{\"b\":2}\n{\"a\":{\"c\"", &["value {\"b\":2}", "broken {\"a\":{\"c\""]);
    check(
        "[{\"a\":1},\n{\"b\":\n{\"c\":3}]\n",
        &["value {\"a\":1}", "broken {\"b\":", "value {\"c\":3}"],
    );
}

#[test]
fn a_value_too_large_is_kept_in_part_and_the_next_one_is_read() {
    let mut input = b"[{\"a\":\"".to_vec();
    input.resize(VALUE_BYTES_MAX + 2 * 65_536, b'x');
    input.extend_from_slice(b"\"},{\"b\":2}]");
    let found = pieces(&input, 65_536);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("broken {\"a\":\"xxx"));
    assert_eq!(found[1], "value {\"b\":2}");
}

#[test]
fn a_broken_element_does_not_cost_its_neighbours() {
    check(
        "[null,{\"a\":1},7,{\"b\":2}]",
        &["broken null", "value {\"a\":1}", "broken 7", "value {\"b\":2}"],
    );
    // Its brackets show where it ends; what is wrong with its inside is found later.
    check(
        "[{\"a\":1 \"b\":{}},{\"c\":3}]\n{\"d\":4}",
        &["value {\"a\":1 \"b\":{}}", "value {\"c\":3}", "value {\"d\":4}"],
    );
}

#[test]
fn garbage_is_passed_over_in_time_proportional_to_its_size() {
    // Each line opens a value that none closes: looked at anew from every line, this would take hours.
    for line in ["{\"a\":\n", "[\n", "{\"a\":[1,\n"] {
        let found = pieces(line.repeat(400_000).as_bytes(), 65_536);
        assert!(found.len() < 10_000, "{} pieces", found.len());
    }
}
