"""
The exit codes of the jobs, and what Airflow does with them.

Written from jobs/exitcode/table.go by: go test ./jobs/exitcode -update
"""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A code in one language; detail and advice may be empty."""

    meaning: str
    detail: str
    advice: str


class ExitCode(NamedTuple):
    """One exit code. reaction is succeeds, fails (at once), retries or skips."""

    number: int
    reaction: str
    english: Text
    french: Text


EXIT_CODES = (
    ExitCode(
        number=0,
        reaction="succeeds",
        english=Text(
            meaning="done",
            detail="also when there was nothing to do, or SIGTERM ended `--follow`",
            advice="",
        ),
        french=Text(
            meaning="terminé",
            detail="y compris quand il n'y avait rien à faire, ou que SIGTERM a arrêté `--follow`",
            advice="",
        ),
    ),
    ExitCode(
        number=1,
        reaction="fails",
        english=Text(
            meaning="the answer is no",
            detail="`reconcile` found a difference, `status` a late region, `health` a job that is not alive",
            advice="read what it names",
        ),
        french=Text(
            meaning="la réponse est non",
            detail="`reconcile` a trouvé une différence, `status` une région en retard, `health` un job arrêté",
            advice="lire ce qui est nommé",
        ),
    ),
    ExitCode(
        number=64,
        reaction="fails",
        english=Text(
            meaning="wrong flags or configuration",
            detail="nothing was touched",
            advice="correct what the message names",
        ),
        french=Text(
            meaning="options ou configuration incorrectes",
            detail="rien n'a été touché",
            advice="corriger ce que nomme le message",
        ),
    ),
    ExitCode(
        number=65,
        reaction="fails",
        english=Text(
            meaning="bad input",
            detail="more was refused than `--max-reject-ratio` allows, or a file, page or batch can't be read; the rest is stored",
            advice="look at the dead letters: `dlq list`",
        ),
        french=Text(
            meaning="données incorrectes",
            detail="trop de refus pour `--max-reject-ratio`, ou un fichier, une page ou un lot illisible ; le reste est enregistré",
            advice="regarder les lettres mortes : `dlq list`",
        ),
    ),
    ExitCode(
        number=66,
        reaction="fails",
        english=Text(
            meaning="no such input",
            detail="a file or page does not exist or can't be read",
            advice="check the path or the address",
        ),
        french=Text(
            meaning="entrée introuvable",
            detail="un fichier ou une page n'existe pas ou n'est pas lisible",
            advice="vérifier le chemin ou l'adresse",
        ),
    ),
    ExitCode(
        number=69,
        reaction="retries",
        english=Text(
            meaning="a server does not answer or refuses",
            detail="nothing is lost",
            advice="start the server; check its address and password",
        ),
        french=Text(
            meaning="un serveur ne répond pas ou refuse",
            detail="rien n'est perdu",
            advice="démarrer le serveur ; vérifier adresse et mot de passe",
        ),
    ),
    ExitCode(
        number=70,
        reaction="fails",
        english=Text(
            meaning="a defect in the program",
            detail="",
            advice="report it, with the log",
        ),
        french=Text(
            meaning="une erreur du programme",
            detail="",
            advice="la signaler, avec le journal",
        ),
    ),
    ExitCode(
        number=73,
        reaction="retries",
        english=Text(
            meaning="an output can't be written",
            detail="disk full, port in use, no permission; or the report, because nobody reads it any more",
            advice="make room, or choose another place",
        ),
        french=Text(
            meaning="une sortie ne peut pas être écrite",
            detail="disque plein, port occupé, droits insuffisants ; ou le rapport, que personne ne lit plus",
            advice="faire de la place, ou choisir une autre destination",
        ),
    ),
    ExitCode(
        number=75,
        reaction="retries",
        english=Text(
            meaning="try later",
            detail="another run took over, the time is over, or an open transaction hides records; nothing is lost",
            advice="let the other run finish",
        ),
        french=Text(
            meaning="réessayer plus tard",
            detail="une autre exécution a pris le relais, le délai est écoulé, ou une transaction ouverte cache des données",
            advice="laisser l'autre exécution se terminer",
        ),
    ),
    ExitCode(
        number=99,
        reaction="skips",
        english=Text(
            meaning="nothing to do",
            detail="with `--skip-empty`",
            advice="",
        ),
        french=Text(
            meaning="rien à faire",
            detail="avec `--skip-empty`",
            advice="",
        ),
    ),
    ExitCode(
        number=137,
        reaction="retries",
        english=Text(
            meaning="killed",
            detail="by the container engine, mostly for lack of memory, or by hand",
            advice="raise `MEMORY` in dags/senmeteo/factory.py",
        ),
        french=Text(
            meaning="arrêté de force",
            detail="par le moteur de conteneurs, le plus souvent faute de mémoire, ou à la main",
            advice="augmenter `MEMORY` dans dags/senmeteo/factory.py",
        ),
    ),
    ExitCode(
        number=143,
        reaction="retries",
        english=Text(
            meaning="stopped before the end",
            detail="SIGTERM ended a bounded run; nothing is lost",
            advice="run it again",
        ),
        french=Text(
            meaning="arrêté avant la fin",
            detail="SIGTERM a arrêté une exécution bornée ; rien n'est perdu",
            advice="relancer",
        ),
    ),
)
