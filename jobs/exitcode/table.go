package exitcode

import "senmeteo/jobs/flow"

// Reaction is what Airflow does with a task whose container ended with a code.
type Reaction int

// The reactions.
const (
	Succeeds Reaction = iota
	Fails             // at once: another try would end the same way
	Retries           // tries again by itself
	Skips             // skips the task and goes on with the others
)

// Text describes a code in one language. Code is quoted as in Markdown.
type Text struct {
	Meaning string // a few words
	Detail  string // when it occurs; may be empty
	Advice  string // what to do; may be empty
}

// Code is one exit code.
type Code struct {
	Number   int
	Outcomes string // what the report's field outcome says, in Markdown; empty when the program can't report
	Reaction Reaction
	English  Text
	French   Text
}

var success = Code{
	0, "`ok`, `nothing`", Succeeds,
	Text{"done", "also when there was nothing to do, or SIGTERM ended `--follow`", ""},
	Text{"terminé", "y compris quand il n'y avait rien à faire, ou que SIGTERM a arrêté `--follow`", ""},
}

// failures has the code of each class of failures.
var failures = map[flow.Class]Code{
	flow.Negative: {
		1, "`no`", Fails,
		Text{"the answer is no", "`reconcile` found a difference, `status` a late region, `health` a job that is not alive", "read what it names"},
		Text{"la réponse est non", "`reconcile` a trouvé une différence, `status` une région en retard, `health` un job arrêté", "lire ce qui est nommé"},
	},
	flow.Usage: {
		64, "`usage`", Fails,
		Text{"wrong flags or configuration", "nothing was touched", "correct what the message names"},
		Text{"options ou configuration incorrectes", "rien n'a été touché", "corriger ce que nomme le message"},
	},
	flow.BadInput: {
		65, "`bad_input`", Fails,
		Text{
			"bad input", "more was refused than `--max-reject-ratio` allows, or a file, page or batch can't be read; the rest is stored",
			"look at the dead letters: `dlq list`",
		},
		Text{
			"données incorrectes", "trop de refus pour `--max-reject-ratio`, ou un fichier, une page ou un lot illisible ; le reste est enregistré",
			"regarder les lettres mortes : `dlq list`",
		},
	},
	flow.NoInput: {
		66, "`no_input`", Fails,
		Text{"no such input", "a file or page does not exist or can't be read", "check the path or the address"},
		Text{"entrée introuvable", "un fichier ou une page n'existe pas ou n'est pas lisible", "vérifier le chemin ou l'adresse"},
	},
	flow.Unavailable: {
		69, "`unavailable`", Retries,
		Text{"a server does not answer or refuses", "nothing is lost", "start the server; check its address and password"},
		Text{"un serveur ne répond pas ou refuse", "rien n'est perdu", "démarrer le serveur ; vérifier adresse et mot de passe"},
	},
	flow.Defect: {
		70, "`defect`", Fails,
		Text{"a defect in the program", "", "report it, with the log"},
		Text{"une erreur du programme", "", "la signaler, avec le journal"},
	},
	flow.CantWrite: {
		73, "`cant_write`", Retries,
		Text{
			"an output can't be written", "disk full, port in use, no permission; or the report, because nobody reads it any more",
			"make room, or choose another place",
		},
		Text{
			"une sortie ne peut pas être écrite", "disque plein, port occupé, droits insuffisants ; ou le rapport, que personne ne lit plus",
			"faire de la place, ou choisir une autre destination",
		},
	},
	flow.TryLater: {
		75, "`try_later`", Retries,
		Text{
			"try later", "another run took over, the time is over, or an open transaction hides records; nothing is lost",
			"let the other run finish",
		},
		Text{
			"réessayer plus tard", "une autre exécution a pris le relais, le délai est écoulé, ou une transaction ouverte cache des données",
			"laisser l'autre exécution se terminer",
		},
	},
	flow.Nothing: {
		99, "`nothing`", Skips,
		Text{"nothing to do", "with `--skip-empty`", ""},
		Text{"rien à faire", "avec `--skip-empty`", ""},
	},
	flow.Interrupted: {
		143, "`interrupted`", Retries,
		Text{"stopped before the end", "SIGTERM ended a bounded run; nothing is lost", "run it again"},
		Text{"arrêté avant la fin", "SIGTERM a arrêté une exécution bornée ; rien n'est perdu", "relancer"},
	},
}

// killed is not the program's own: the system gives it to a process that is ended by SIGKILL.
var killed = Code{
	137, "", Retries,
	Text{"killed", "by the container engine, mostly for lack of memory, or by hand", "raise `MEMORY` in dags/senmeteo/factory.py"},
	Text{"arrêté de force", "par le moteur de conteneurs, le plus souvent faute de mémoire, ou à la main", "augmenter `MEMORY` dans dags/senmeteo/factory.py"},
}
