//! How alike a phrase and a text are: the letters counted first, their order compared only where that may matter.

/// How alike a phrase is to the stretch of a text that is most like it, up to 1; 0 where that is less than `least`.
pub(super) fn likeness(phrase: &str, words: &str, least: f64) -> f64 {
    let letters_of_phrase = Letters::of(phrase);
    let (length, words) = (phrase.split(' ').count(), words.split(' ').collect::<Vec<_>>());
    // A typo may join two words or part one.
    (length.saturating_sub(1)..=length.saturating_add(1))
        .filter(|size| *size > 0)
        .flat_map(|size| words.windows(size.min(words.len())))
        .map(|window| window.join(" "))
        .filter(|window| window.len().abs_diff(phrase.len()) * 8 <= phrase.len())
        // Counting letters costs a hundredth of comparing them in their order, and a long text has many stretches.
        .filter(|window| letters_of_phrase.most_alike(&Letters::of(window)) >= least)
        .map(|window| strsim::normalized_damerau_levenshtein(phrase, &window))
        .filter(|likeness| *likeness >= least)
        .fold(0.0, f64::max)
}

/// How often each letter is in a text; a few letters share a place, which makes texts only more alike.
struct Letters([u16; 64]);

impl Letters {
    fn of(text: &str) -> Self {
        let mut letters = [0_u16; 64];
        for letter in text.chars() {
            let place = usize::try_from(u32::from(letter) % 64).unwrap_or_default();
            if let Some(count) = letters.get_mut(place) {
                *count = count.saturating_add(1);
            }
        }
        Self(letters)
    }

    /// No less than how alike the texts are: each letter that only one of them has is an edit.
    fn most_alike(&self, other: &Self) -> f64 {
        let (mut ours, mut theirs, mut here, mut there) = (0_u32, 0_u32, 0_u32, 0_u32);
        for (one, two) in self.0.iter().zip(&other.0) {
            ours += u32::from(one.saturating_sub(*two));
            theirs += u32::from(two.saturating_sub(*one));
            here += u32::from(*one);
            there += u32::from(*two);
        }
        1.0 - f64::from(ours.max(theirs)) / f64::from(here.max(there).max(1))
    }
}
