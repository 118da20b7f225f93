// Package score compares what the checks of `stream` make of a file of readings with the truth about them: which defects they found, how
// many of their flags were right, and how many fell on good values.
//
// docs/quality-control.md describes under "How it is measured" how flags and truth are matched. In short:
//
//   - a value is wrong when the truth has a line of it that expects a flag, and what an instrument derives from a wrong value is wrong too:
//     the dew point from temperature and humidity;
//   - a defect of one reading is found when the wrong value is flagged, by whatever rule; an episode when any reading of it is;
//   - the precision of a defect is that of the rules that look for it (see rulesOf), on its variable: the share of their flags that are on
//     wrong values;
//   - a flag on a good value beside a wrong one of the same reading is neither right nor a false alarm: which of two values that
//     contradict each other is wrong, a rule can't know;
//   - records that are missing a value, come twice, late, from the future, corrected or broken are judged by what became of them.
package score
