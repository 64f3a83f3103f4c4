//! An amount of ISK: `NUMERIC(20, 2)` as `COPY` has it, and as hundredths.

/// The first amount that has more than 18 digits before the point.
const HUNDREDTHS_END: i128 = 10_i128.pow(20);
/// PostgreSQL counts by ten thousands.
const BASE: i128 = 10_000;
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
/// Groups of four digits that an amount can have: five before the point, one behind it.
const GROUPS_MAX: usize = 6;

/// The hundredths of an amount.
pub(super) fn decode(bytes: &[u8]) -> Result<i128, String> {
    let (head, digits) = bytes.split_at_checked(8).ok_or("this is no NUMERIC")?;
    let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let (count, weight, sign, scale) =
        (usize::from(word(0)), word(2).cast_signed(), word(4), word(6));
    if sign == NAN {
        return Err("it is NaN, which no archive holds".to_owned());
    }
    if sign != 0 && sign != NEGATIVE {
        return Err("it is infinite, which no archive holds".to_owned());
    }
    if scale != 2 {
        return Err(format!("it has {scale} decimals instead of 2"));
    }
    if count > GROUPS_MAX || digits.len() != 2 * count {
        return Err("it has more digits than NUMERIC(20, 2)".to_owned());
    }
    let mut hundredths: i128 = 0;
    for (index, digit) in (0_i32..).zip(digits.chunks_exact(2)) {
        let digit = i128::from(u16::from_be_bytes([digit[0], digit[1]]));
        hundredths += match i32::from(weight) - index {
            power @ 0..=4 => digit * BASE.pow(power.unsigned_abs()) * 100,
            -1 if digit % 100 == 0 => digit / 100,
            _ => return Err("it has more digits than NUMERIC(20, 2)".to_owned()),
        };
    }
    if hundredths >= HUNDREDTHS_END {
        return Err("it has more digits than NUMERIC(20, 2)".to_owned());
    }
    Ok(if sign == NEGATIVE { -hundredths } else { hundredths })
}

/// The amount as PostgreSQL sends it: without zeros at either end.
pub(super) fn encode(hundredths: i128, out: &mut Vec<u8>) {
    let positive = hundredths.unsigned_abs();
    let base = BASE.unsigned_abs();
    // From the last: the decimals, filled up to four digits, then the whole in groups of four.
    let mut groups = [0_u16; GROUPS_MAX];
    let mut whole = positive / 100;
    let group = |value: u128| u16::try_from(value).expect("a remainder of 10,000 fits");
    groups[0] = group(positive % 100 * 100);
    for slot in &mut groups[1..] {
        *slot = group(whole % base);
        whole /= base;
    }
    let used = groups.iter().rposition(|group| *group != 0).map_or(0, |last| last + 1);
    let skipped = groups.iter().position(|group| *group != 0).unwrap_or(0);
    let small = |value: usize| i16::try_from(value).expect("there are at most six groups");
    let (count, weight) = match used {
        0 => (0, 0),
        used => (small(used - skipped), small(used) - 2),
    };
    let sign = if hundredths < 0 { NEGATIVE } else { 0 };
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&2_u16.to_be_bytes());
    for group in groups[skipped..used.max(skipped)].iter().rev() {
        out.extend_from_slice(&group.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let mut bytes = vec![];
        bytes.extend_from_slice(&u16::try_from(digits.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&weight.to_be_bytes());
        bytes.extend_from_slice(&sign.to_be_bytes());
        bytes.extend_from_slice(&2_u16.to_be_bytes());
        for digit in digits {
            bytes.extend_from_slice(&digit.to_be_bytes());
        }
        bytes
    }

    #[test]
    fn amounts_are_those_that_postgresql_sends() {
        let check = |hundredths: i128, weight: i16, sign: u16, digits: &[u16]| {
            let bytes = amount(weight, sign, digits);
            assert_eq!(decode(&bytes), Ok(hundredths), "{hundredths}");
            let mut out = vec![];
            encode(hundredths, &mut out);
            assert_eq!(out, bytes, "{hundredths}");
        };
        check(0, 0, 0, &[]);
        check(1, -1, 0, &[100]);
        check(150, 0, 0, &[1, 5000]);
        check(1_000_000, 1, 0, &[1]);
        check(-123_456_789, 1, NEGATIVE, &[123, 4567, 8900]);
        check(10_i128.pow(20) - 1, 4, 0, &[99, 9999, 9999, 9999, 9999, 9900]);
        check(1 - 10_i128.pow(20), 4, NEGATIVE, &[99, 9999, 9999, 9999, 9999, 9900]);
        check(99, -1, 0, &[9900]);
        check(10_i128.pow(18), 4, 0, &[1]);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bytes in [
            amount(0, NAN, &[]),
            amount(0, 0xD000, &[]),
            amount(0, 0xF000, &[]),
            amount(5, 0, &[1]),
            amount(4, 0, &[100, 0, 0, 0, 0]),
            amount(-1, 0, &[1]),
            amount(0, 0, &[1])[..9].to_vec(),
            vec![0; 3],
        ] {
            assert!(decode(&bytes).is_err(), "{bytes:?}");
        }
    }
}
