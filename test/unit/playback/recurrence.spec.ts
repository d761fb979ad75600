/**
 * Recurrence rules: the examples of RFC 5545 §3.8.5.3, and 5,000 random rules against python3-dateutil.
 *
 * Where the two differ, and why such rules are refused at the door (`probeRule`) instead of played at an hour that somebody else reads
 * otherwise:
 * - YEARLY with BYWEEKNO and no BYDAY: the library takes DTSTART's day of the week, dateutil every day of the week.
 * - YEARLY with BYWEEKNO and BYMONTHDAY or BYYEARDAY, with BYYEARDAY and BYMONTHDAY or BYDAY, with numbered BYDAY and BYMONTHDAY: RFC 5545
 *   says that the second limits the first; the library adds them up. The library is wrong.
 * - YEARLY with BYWEEKNO 1, 52, 53 or their negatives: such a week lies in two years, and the two disagree on which year's it is.
 * - WEEKLY with BYSETPOS: in the week of DTSTART the library counts from the first day of the week, dateutil from DTSTART. The RFC leaves it open.
 * - HOURLY with BYSETPOS or BYYEARDAY: no difference was found, but a rule of this kind that never matches costs a quarter of a second each.
 * - UNTIL in local time: RFC 5545 demands UTC; refused, not guessed.
 */
import { describe, expect, it } from "vitest";
import { probeRule, ruleStarts } from "../../../playback/agenda/rrule.ts";
import { instantOf, offsetAt } from "../../../playback/agenda/zone.ts";
import type { Recurrence } from "../../../playback/model/schedule.ts";
import { HOUR } from "../../../playback/model/units.ts";
import { askOracle } from "../../support/calendar/oracle.ts";
import { type RandomRule, RuleMaker } from "../../support/calendar/random-rules.ts";

type Rule = Extract<Recurrence, { kind: "rrule" }>;

const at = (local: string, zone: string) => instantOf(local.slice(0, 10), local.slice(11), zone);
const localOf = (instant: number, zone: string) =>
  new Date(instant + offsetAt(instant, zone)).toISOString().slice(0, 19);

function starts(rule: Omit<Rule, "kind">, zone: string, from: string, to: string): string[] {
  const found = ruleStarts({ kind: "rrule", ...rule }, zone, at(from, zone), at(to, zone));
  return found.map((instant) => localOf(instant, zone));
}

/** `1997-09-02..04,06` in one month, several of them. */
function dates(text: string): string[] {
  return text.split(" ").flatMap((group) => {
    const [month = "", days = ""] = [group.slice(0, 7), group.slice(8)];
    return days.split(",").flatMap((part) => {
      const [first, last = first] = part.split("..").map(Number) as [number, number?];
      return Array.from(
        { length: (last ?? first) - first + 1 },
        (_, n) => `${month}-${String(first + n).padStart(2, "0")}`,
      );
    });
  });
}

const NEW_YORK = "America/New_York";
const START = "1997-09-02T09:00:00";
const FAR = "2020-12-31T00:00:00";

describe("the examples of RFC 5545", () => {
  it.each([
    ["daily for 10 occurrences", "FREQ=DAILY;COUNT=10", "1997-09-02..11"],
    ["every other day", "FREQ=DAILY;INTERVAL=2;COUNT=5", "1997-09-02,04,06,08,10"],
    ["every 10 days, 5 occurrences", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02,12,22 1997-10-02,12"],
    [
      "daily until 24 December, across the end of summer time",
      "FREQ=DAILY;UNTIL=19971224T000000Z",
      "1997-09-02..30 1997-10-01..31 1997-11-01..30 1997-12-01..23",
    ],
    ["weekly for 10 occurrences", "FREQ=WEEKLY;COUNT=10", "1997-09-02,09,16,23,30 1997-10-07,14,21,28 1997-11-04"],
    [
      "weekly until 24 December",
      "FREQ=WEEKLY;UNTIL=19971224T000000Z",
      "1997-09-02,09,16,23,30 1997-10-07,14,21,28 1997-11-04,11,18,25 1997-12-02,09,16,23",
    ],
    ["every other week, week start Sunday", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=5", "1997-09-02,16,30 1997-10-14,28"],
    [
      "weekly on Tuesday and Thursday for five weeks",
      "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
      "1997-09-02,04,09,11,16,18,23,25,30 1997-10-02",
    ],
    [
      "every other week on Tuesday and Thursday, 8 occurrences",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
      "1997-09-02,04,16,18,30 1997-10-02,14,16",
    ],
    [
      "monthly on the 2nd and 15th",
      "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
      "1997-09-02,15 1997-10-02,15 1997-11-02,15 1997-12-02,15 1998-01-02,15",
    ],
    [
      "every Tuesday, every other month",
      "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;COUNT=9",
      "1997-09-02,09,16,23,30 1997-11-04,11,18,25",
    ],
    [
      "every Thursday, but only in June, July and August",
      "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8;COUNT=13",
      "1998-06-04,11,18,25 1998-07-02,09,16,23,30 1998-08-06,13,20,27",
    ],
    [
      "the third of Tuesday, Wednesday or Thursday of the month",
      "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
      "1997-09-04 1997-10-07 1997-11-06",
    ],
  ])("%s", (_name, rrule, expected) => {
    expect(probeRule({ kind: "rrule", dtstart: START, rrule }, NEW_YORK)).toBeNull();
    expect(starts({ dtstart: START, rrule }, NEW_YORK, START, FAR)).toEqual(
      dates(expected).map((date) => `${date}T09:00:00`),
    );
  });

  it.each([
    [
      "every day in January for 3 years",
      "1998-01-01",
      "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
      "1998-01-01..31 1999-01-01..31 2000-01-01..31",
    ],
    [
      "the same said by days",
      "1998-01-01",
      "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
      "1998-01-01..31 1999-01-01..31 2000-01-01..31",
    ],
    [
      "every other week on Monday, Wednesday, Friday until 24 December",
      "1997-09-01",
      "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
      "1997-09-01,03,05,15,17,19,29 1997-10-01,03,13,15,17,27,29,31 1997-11-10,12,14,24,26,28 1997-12-08,10,12,22",
    ],
    [
      "the first Friday, 10 occurrences",
      "1997-09-05",
      "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
      "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02 1998-02-06 1998-03-06 1998-04-03 1998-05-01 1998-06-05",
    ],
    [
      "the first Friday until 24 December",
      "1997-09-05",
      "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
      "1997-09-05 1997-10-03 1997-11-07 1997-12-05",
    ],
    [
      "every other month on the first and last Sunday",
      "1997-09-07",
      "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
      "1997-09-07,28 1997-11-02,30 1998-01-04,25 1998-03-01,29 1998-05-03,31",
    ],
    [
      "the second-to-last Monday for 6 months",
      "1997-09-22",
      "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
      "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16",
    ],
    [
      "the third-to-the-last day of the month",
      "1997-09-28",
      "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6",
      "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26",
    ],
    [
      "the first and last day of the month",
      "1997-09-30",
      "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
      "1997-09-30 1997-10-01,31 1997-11-01,30 1997-12-01,31 1998-01-01,31 1998-02-01",
    ],
    [
      "every 18 months on the 10th to the 15th",
      "1997-09-10",
      "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
      "1997-09-10..15 1999-03-10..13",
    ],
    [
      "yearly in June and July",
      "1997-06-10",
      "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
      "1997-06-10 1997-07-10 1998-06-10 1998-07-10 1999-06-10 1999-07-10 2000-06-10 2000-07-10 2001-06-10 2001-07-10",
    ],
    [
      "every other year in January, February and March",
      "1997-03-10",
      "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
      "1997-03-10 1999-01-10 1999-02-10 1999-03-10 2001-01-10 2001-02-10 2001-03-10 2003-01-10 2003-02-10 2003-03-10",
    ],
    [
      "every third year on the 1st, 100th and 200th day",
      "1997-01-01",
      "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
      "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09 2000-07-18 2003-01-01 2003-04-10 2003-07-19 2006-01-01",
    ],
    [
      "every 20th Monday of the year",
      "1997-05-19",
      "FREQ=YEARLY;BYDAY=20MO;COUNT=3",
      "1997-05-19 1998-05-18 1999-05-17",
    ],
    [
      "Monday of week number 20",
      "1997-05-12",
      "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3",
      "1997-05-12 1998-05-11 1999-05-17",
    ],
    [
      "every Thursday in March",
      "1997-03-13",
      "FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=11",
      "1997-03-13,20,27 1998-03-05,12,19,26 1999-03-04,11,18,25",
    ],
    [
      "the first Saturday that follows the first Sunday of the month",
      "1997-09-13",
      "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=6",
      "1997-09-13 1997-10-11 1997-11-08 1997-12-13 1998-01-10 1998-02-07",
    ],
    [
      "every fourth year, the first Tuesday after a Monday in November",
      "1996-11-05",
      "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
      "1996-11-05 2000-11-07 2004-11-02",
    ],
    [
      "the second-to-last weekday of the month",
      "1997-09-29",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7",
      "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29 1998-02-26 1998-03-30",
    ],
    [
      "weeks that start on Monday",
      "1997-08-05",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
      "1997-08-05,10,19,24",
    ],
    [
      "weeks that start on Sunday",
      "1997-08-05",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
      "1997-08-05,17,19,31",
    ],
    [
      "an invalid date is skipped",
      "2007-01-15",
      "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
      "2007-01-15,30 2007-02-15 2007-03-15,30",
    ],
  ])("%s", (_name, date, rrule, expected) => {
    const dtstart = `${date}T09:00:00`;
    expect(probeRule({ kind: "rrule", dtstart, rrule }, NEW_YORK)).toBeNull();
    expect(starts({ dtstart, rrule }, NEW_YORK, dtstart, FAR)).toEqual(dates(expected).map((one) => `${one}T09:00:00`));
  });

  it("Friday the 13th, DTSTART excluded", () => {
    const rule = { dtstart: START, rrule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5", exdates: [START] };
    expect(starts(rule, NEW_YORK, START, FAR)).toEqual(
      dates("1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13").map((one) => `${one}T09:00:00`),
    );
  });

  it("every 3 hours from 9 to 17 on one day", () => {
    const rule = { dtstart: START, rrule: "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z" };
    expect(starts(rule, NEW_YORK, START, FAR)).toEqual(["09", "12", "15"].map((hour) => `1997-09-02T${hour}:00:00`));
  });

  it("every 20 minutes from 9:00 to 16:40, said by days", () => {
    const rrule = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40;COUNT=25";
    const found = starts({ dtstart: START, rrule }, NEW_YORK, START, FAR);
    expect(found).toHaveLength(25);
    expect([found[0], found[1], found[23], found[24]]).toEqual(
      ["02T09:00", "02T09:20", "02T16:40", "03T09:00"].map((one) => `1997-09-${one}:00`),
    );
  });

  it("adds RDATE, takes away EXDATE, and counts what is taken away", () => {
    const rule = {
      dtstart: START,
      rrule: "FREQ=DAILY;COUNT=4",
      exdates: ["1997-09-03T09:00:00"],
      rdates: ["1997-09-20T18:30:00", "1997-09-02T09:00:00"],
    };
    expect(starts(rule, NEW_YORK, START, FAR)).toEqual([
      ...dates("1997-09-02,04,05").map((one) => `${one}T09:00:00`),
      "1997-09-20T18:30:00",
    ]);
  });
});

describe("the door", () => {
  const refused = (rrule: string) =>
    probeRule({ kind: "rrule", dtstart: "2026-01-05T05:00:00", rrule }, "Asia/Ho_Chi_Minh");

  it.each([
    ["FREQ=MINUTELY", "more often than hourly"],
    ["freq=secondly;count=3", "more often than hourly"],
    ["FREQ=YEARLY;BYWEEKNO=20", "ambiguous"],
    ["FREQ=YEARLY;BYWEEKNO=20,-52;BYDAY=MO", "ambiguous"],
    ["FREQ=YEARLY;BYYEARDAY=100;BYDAY=MO", "ambiguous"],
    ["FREQ=YEARLY;BYDAY=20MO;BYMONTHDAY=5", "ambiguous"],
    ["FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "ambiguous"],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never matches"],
    ["FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11", "never matches"],
    ["FREQ=DAILY;UNTIL=20261231T000000", "cannot be used"],
    ["FREQ=DAILY;COUNT=0", "never matches"],
    ["FREQ=DAILY;INTERVAL=0", "cannot be used"],
    ["FREQ=SOMETIMES", "cannot be used"],
    ["COUNT=3", "cannot be used"],
    ["FREQ=DAILY\nDTSTART:19700101T000000Z", "signs that no rule has"],
    ["FREQ=DAILY;BYDAY=MO FR", "signs that no rule has"],
  ])("refuses %j", (rrule, reason) => {
    expect(refused(rrule)).toContain(reason);
  });

  it("judges a rule that never matches within two seconds of work", () => {
    for (const rrule of [
      "FREQ=DAILY;BYHOUR=1,8;BYSETPOS=3",
      "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
      "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
    ]) {
      const before = process.cpuUsage();
      expect(refused(rrule)).toBe("the rule never matches");
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
    }
  });

  it("lets through the rarest rule that a commune can mean", () => {
    expect(refused("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU")).toBeNull();
  });
});

describe("random rules", () => {
  const ZONE = "Asia/Ho_Chi_Minh";
  const WANTED = 5_000;
  const MOST_COMPARED = 400;

  it("5,000 that the door lets through start when python3-dateutil says", async () => {
    const maker = new RuleMaker(20_261_122);
    const rules: RandomRule[] = [];
    const dead: RandomRule[] = [];
    let refused = 0;
    while (rules.length < WANTED) {
      const rule = maker.next();
      const problem = probeRule({ kind: "rrule", ...rule }, ZONE);
      if (problem === null) rules.push(rule);
      else if (problem === "the rule never matches") dead.push({ ...rule, rdates: [] });
      else if (problem.includes("ambiguous")) refused += 1;
      else throw new Error(`${problem}: ${rule.rrule}`);
    }
    // A door that refused everything would also agree with the oracle.
    expect(refused + dead.length).toBeLessThan(WANTED * 0.3);
    // The oracle works beside us.
    const asked = askOracle([...rules, ...dead]);
    const found = rules.map((rule) =>
      ruleStarts({ kind: "rrule", ...rule }, ZONE, Date.parse(`${rule.from}+07:00`), Date.parse(`${rule.to}+07:00`))
        .slice(0, MOST_COMPARED)
        .map((instant) => new Date(instant + 7 * HOUR).toISOString().slice(0, 19)),
    );
    const answers = await asked;
    let stumbled = 0;
    let compared = 0;
    for (const [index, rule] of rules.entries()) {
      const answer = answers[index] ?? [];
      if ("error" in answer) {
        stumbled += 1;
        continue;
      }
      compared += answer.length;
      const own = found[index] ?? [];
      if (own.join() !== answer.join()) expect([rule, own]).toEqual([rule, answer]);
    }
    // Out-of-range numbers with BYMONTH, and hours that an interval never meets, make dateutil raise.
    expect(stumbled).toBeLessThan(WANTED * 0.01);
    expect(compared).toBeGreaterThan(100_000);
    expect(answers.slice(rules.length).filter((answer) => !("error" in answer) && answer.length > 0)).toEqual([]);
  }, 120_000);
});
