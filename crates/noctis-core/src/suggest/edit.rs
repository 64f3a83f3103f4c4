//! Whether one slip of the finger lies between two words: a letter wrong, too many, missing, or two swapped.

/// Whether `typed` is `meant` but for one slip at most.
pub(super) fn is_one_slip(typed: &[char], meant: &[char]) -> bool {
    rests(typed, meant).any(|(typed, meant)| typed == meant)
}

/// Whether `typed` is how `meant` begins, but for one slip at most.
pub(super) fn is_one_slip_of_begin(typed: &[char], meant: &[char]) -> bool {
    rests(typed, meant).any(|(typed, meant)| meant.starts_with(typed))
}

/// What is left of both behind the slip, for each way it can have happened. Before it both are alike: a slip further
/// left would leave the same rests, or longer ones.
fn rests<'a>(
    typed: &'a [char],
    meant: &'a [char],
) -> impl Iterator<Item = (&'a [char], &'a [char])> {
    let alike = typed.iter().zip(meant).take_while(|(typed, meant)| typed == meant).count();
    let (typed, meant) = (&typed[alike..], &meant[alike..]);
    let is_swapped = matches!((typed, meant), ([a, b, ..], [c, d, ..]) if a == d && b == c);
    let wrong = (!typed.is_empty() && !meant.is_empty()).then(|| (&typed[1..], &meant[1..]));
    let too_many = (!typed.is_empty()).then(|| (&typed[1..], meant));
    let missing = (!meant.is_empty()).then(|| (typed, &meant[1..]));
    let swapped = is_swapped.then(|| (&typed[2..], &meant[2..]));
    let none = typed.is_empty().then_some((typed, meant));
    [none, wrong, too_many, missing, swapped].into_iter().flatten()
}
