//! Days and parts of seconds as ISO 8601 text.

/// Returns the date so many days after 1 January 1970.
pub(super) fn date(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns the time of day after some parts of a second.
pub(super) fn time(value: i64, parts: i64) -> String {
    let (seconds, fraction) = (value.div_euclid(parts), value.rem_euclid(parts));
    let (hours, minutes) = (seconds.div_euclid(3600), seconds.div_euclid(60).rem_euclid(60));
    let mut text = format!("{hours:02}:{minutes:02}:{:02}", seconds.rem_euclid(60));
    if fraction != 0 {
        let width = usize::try_from(parts.ilog10()).unwrap_or(0);
        text += format!(".{fraction:0width$}").trim_end_matches('0');
    }
    text
}

/// Returns date and time after some parts of a second since 1970.
pub(super) fn timestamp(value: i64, parts: i64) -> String {
    let day = parts * 86_400;
    format!("{}T{}", date(value.div_euclid(day)), time(value.rem_euclid(day), parts))
}

/// Returns date and time of twelve bytes: nanoseconds since midnight, and the
/// Julian day.
pub(super) fn int96(words: &[u32]) -> String {
    let [low, high, day] = words else { return String::new() };
    let nanoseconds = i64::from(*high) << 32 | i64::from(*low);
    let days = i64::from(*day) - 2_440_588;
    format!("{}T{}", date(days), time(nanoseconds, 1_000_000_000))
}

/// Returns the usual text of a UUID.
pub(super) fn uuid(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text
}

/// Returns year, month and day.
///
/// Source: Hinnant (2013), *chrono-compatible low-level date algorithms*,
/// `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    // Days since 1 March of the year 0.
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        // From `date -u -d @$((86400 * days)) +%F`.
        let table = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (19_783, "2024-03-01"),
            (-25_509, "1900-02-28"),
            (-25_508, "1900-03-01"),
        ];
        for (days, expected) in table {
            assert_eq!(date(days), expected);
        }
        let _ = (date(i64::MAX), date(i64::MIN));
    }

    #[test]
    fn times_show_what_is_there_of_a_second() {
        assert_eq!(time(45_296_000, 1_000), "12:34:56");
        assert_eq!(time(45_296_789_100, 1_000_000), "12:34:56.7891");
        assert_eq!(timestamp(-1, 1_000), "1969-12-31T23:59:59.999");
        assert_eq!(timestamp(951_782_400, 1), "2000-02-29T00:00:00");
        assert_eq!(int96(&[0, 0, 2_440_588]), "1970-01-01T00:00:00");
        let _ = (time(i64::MIN, 1_000), timestamp(i64::MAX, 1_000_000_000));
        let _ = int96(&[u32::MAX; 3]);
    }

    #[test]
    fn uuids_have_their_dashes() {
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(uuid(&bytes), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
}
