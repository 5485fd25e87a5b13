//! Writes `docs/ORDERING.md`: the score, each ordering with its partners and the check that dies, the
//! patches, and the text by hand, `ordering.md`, whose line `{tables}` gives way to all that.

use crate::{
    ledger::{Ledger, Verdict},
    lists::Proofs,
    order::Weaker,
    plan::{Kind, Mutant, Plan},
    sites::Site,
};
use std::fmt::Write as _;

/// Where the tables come in the text.
const MARK: &str = "{tables}\n";

/// The document. An error where the ledger, the proofs and the plan do not fit each other.
pub(crate) fn render(
    plan: &Plan,
    ledger: &Ledger,
    proofs: &Proofs,
    text: &str,
) -> Result<String, String> {
    fit(plan, ledger, proofs, text)?;
    let mut tables = score(plan, ledger);
    for (index, module) in plan.modules.iter().enumerate() {
        let sites: Vec<&Site> =
            plan.sites.iter().filter(|(of, _)| *of == index).map(|(_, site)| site).collect();
        if sites.is_empty() {
            continue;
        }
        let _ = write!(tables, "\n## {}\n", module.name);
        tables += "| tag | site | other side | mutant | dies in |\n|---|---|---|---|---|\n";
        for site in &sites {
            for mutant in mutants_of(plan, site) {
                let Kind::Ordering { weaker, .. } = mutant.kind else { continue };
                let _ = writeln!(
                    tables,
                    "| {} | {} | {} | {} | {} |",
                    join(site.tags.iter().map(|tag| format!("`[{tag}]`"))),
                    place(site),
                    others(site, &sites),
                    change(weaker),
                    dies(ledger, proofs, mutant)
                );
            }
        }
    }
    tables += "\n## Logic\n| patch | breaks | dies in |\n|---|---|---|\n";
    for mutant in &plan.mutants {
        if let Kind::Logic { breaks, .. } = &mutant.kind {
            let name = mutant.name.trim_start_matches("logic: ");
            let dies = dies(ledger, proofs, mutant);
            let _ = writeln!(tables, "| `{name}` | {breaks} | {dies} |");
        }
    }
    tables += "\n## Not weakened\n";
    for exempt in &plan.exempt {
        let _ = writeln!(tables, "* `{}`: {}", exempt.path, exempt.why);
    }
    let (before, after) = text.split_once(MARK).ok_or("ordering.md has no line {tables}")?;
    Ok(format!("{before}{tables}{after}"))
}

/// Each mutant is in the ledger, killed by a check that names it, and nothing else is; who survived
/// has a proof, and nobody else.
fn fit(plan: &Plan, ledger: &Ledger, proofs: &Proofs, text: &str) -> Result<(), String> {
    let names = plan.names();
    for Mutant { name, checks, .. } in &plan.mutants {
        let verdict =
            ledger.get(name).ok_or_else(|| format!("no run has judged the mutant {name}"))?;
        let proof = proofs.proof.iter().find(|proof| proof.mutant == *name);
        match (verdict, proof) {
            (Verdict::Survived, None) => {
                return Err(format!("the mutant {name} survived, and proofs.toml has no proof"));
            }
            (Verdict::Killed { .. }, Some(_)) => {
                return Err(format!("the mutant {name} is killed, and needs no proof"));
            }
            (Verdict::Killed { check, .. }, None) if !checks.contains(check) => {
                return Err(format!(
                    "the mutant {name} was killed by {check}, which it has no more"
                ));
            }
            _ => {}
        }
    }
    if let Some(name) = ledger.names().find(|name| !names.iter().any(|known| known == name)) {
        return Err(format!("the ledger has a mutant that is no more: {name}"));
    }
    for proof in &proofs.proof {
        if !names.contains(&proof.mutant) {
            return Err(format!("proofs.toml names a mutant that is no more: {}", proof.mutant));
        }
        if !text.lines().any(|line| line.trim_start_matches('#').trim() == proof.heading) {
            return Err(format!("ordering.md has no heading {:?}", proof.heading));
        }
    }
    Ok(())
}

fn score(plan: &Plan, ledger: &Ledger) -> String {
    let mut score = String::from("| mutants | killed | survived, and proved | together |\n");
    score += "|---|---|---|---|\n";
    for (what, is_logic) in [("orderings, one step weaker", false), ("logic, by patches", true)] {
        let of = |mutant: &&Mutant| matches!(mutant.kind, Kind::Logic { .. }) == is_logic;
        let mutants: Vec<&Mutant> = plan.mutants.iter().filter(of).collect();
        let is_killed = |mutant: &&&Mutant| ledger.get(&mutant.name) != Some(&Verdict::Survived);
        let (killed, all) = (mutants.iter().filter(is_killed).count(), mutants.len());
        let _ = writeln!(score, "| {what} | {killed} | {} | {all} |", all - killed);
    }
    score
}

fn mutants_of<'p>(plan: &'p Plan, site: &Site) -> impl Iterator<Item = &'p Mutant> {
    let begin = format!("{site} -> ");
    plan.mutants.iter().filter(move |mutant| mutant.name.starts_with(&begin))
}

fn place(site: &Site) -> String {
    let file = site.file.trim_start_matches("src/");
    format!("`{file}` {}: `{}`", site.function, site.operation())
}

fn change(weaker: Weaker) -> String {
    format!("→ {weaker}")
}

/// The functions that hold the other side of a pairing.
fn others(site: &Site, all: &[&Site]) -> String {
    let pairs = |other: &&&Site| {
        let (ours, theirs) = (site.order, other.order);
        other.tags.iter().any(|tag| site.tags.contains(tag))
            && ((ours.releases() && theirs.acquires()) || (ours.acquires() && theirs.releases()))
    };
    let name = |other: &&Site| {
        if other.file == site.file {
            return other.function.clone();
        }
        let file = other.file.rsplit('/').next().unwrap_or_default();
        format!("`{file}` {}", other.function)
    };
    let mut names: Vec<String> = all.iter().filter(pairs).map(name).collect();
    names.sort_unstable();
    names.dedup();
    join(names.into_iter())
}

fn dies(ledger: &Ledger, proofs: &Proofs, mutant: &Mutant) -> String {
    match ledger.get(&mutant.name) {
        Some(Verdict::Killed { check, how }) => {
            format!("`{check}`: {}", how.replace('|', "\\|"))
        }
        _ => {
            let proof = proofs.proof.iter().find(|proof| proof.mutant == mutant.name);
            let heading = proof.map_or("", |proof| proof.heading.as_str());
            format!("**survives**, proved: [{heading}](#{})", anchor(heading))
        }
    }
}

/// The anchor that a heading gets where Markdown is shown.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|mark| mark.is_alphanumeric() || " -_".contains(*mark));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lists::Check, plan::Kind, tree::Files};

    fn check(name: &str) -> Check {
        Check::try_from(name.to_owned()).unwrap()
    }

    #[test]
    fn who_was_killed_by_a_check_that_is_no_more_is_an_error() {
        let kind = Kind::Logic { patch: "a.patch".into(), breaks: "all.".to_owned() };
        let mutant =
            Mutant { name: "logic: a".to_owned(), kind, checks: vec![check("p::renamed")] };
        let plan = Plan {
            modules: Vec::new(),
            exempt: Vec::new(),
            sites: Vec::new(),
            mutants: vec![mutant],
            plain: Files::new(),
            switched: Files::new(),
        };
        let document = |name: &str| {
            let mut ledger = Ledger::default();
            let killed = Verdict::Killed { check: check(name), how: "it failed".to_owned() };
            ledger.set("logic: a", killed);
            render(&plan, &ledger, &Proofs::default(), MARK)
        };
        assert!(document("p::renamed").unwrap().contains("`p::renamed`: it failed"));
        assert!(document("p::former").unwrap_err().contains("p::former"));
    }
}
