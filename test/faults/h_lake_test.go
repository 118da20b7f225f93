package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"senmeteo/test/gates"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// H1. A commit is one rename of a folder: before it nothing is there, after it everything; the next run publishes the files.
func TestH1TheLakesLoaderIsKilledAroundEachStepOfItsCommit(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round).inHDFS(t)
		points := []string{"hdfs.mid-file:1", "hdfs.mid-file:2", "hdfs.before-rename:1", "hdfs.after-rename:1", "hdfs.before-rename:2", "hdfs.after-rename:2"}
		for change := 1 + round%3; change <= 9; change += 3 {
			points = append(points, fmt.Sprintf("hdfs.after-change:%d", change))
		}
		for _, point := range points {
			s.crash(t, point, "to-hdfs", "--batch-records", "100")
		}
		s.recovers(t)
	})
}

// H2. The half block is of no file that anybody sees; the file is written again.
func TestH2ADataNodeIsKilledInTheMiddleOfABlock(t *testing.T) {
	t.Parallel()
	s, c := newScenario(t).onOwnHDFS(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		s.Must(t, "stream")
		r := s.sleeper(t, "hdfs.mid-file", "to-hdfs")
		restart(t, c.DataNode)
		s.kills++
		expect(t, wake(t, r), 0)
		s.recovers(t)
	})
}

// restart kills a server and starts it again.
func restart(t testing.TB, server *servers.Server) {
	t.Helper()
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// H3. Whether a rename whose answer is lost was done, the lake itself reports, also when the request comes late.
func TestH3TheAnswersToRenamesAreLost(t *testing.T) {
	for _, fault := range []gates.CallFault{gates.Unanswered, gates.Late} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			repeat(t, func(t *testing.T, round int) {
				s := newStreamed(t, round).inHDFS(t)
				gate := gates.NewNameNode(t, s.nameNode())
				s.through(gate.Addr())
				const times = 5 // commits and publishing: each partition's has one and one for each day
				gate.Arm(gates.RenameMethod, fault, times)
				s.Must(t, "to-hdfs")
				if met := gate.Met(); met != times {
					t.Errorf("%d renames met the fault, want %d", met, times)
				}
				s.recovers(t)
			})
		})
	}
}

// H4. A NameNode that was restarted takes no changes until its DataNodes have told what they hold: the loader waits.
func TestH4TheNameNodeRestartsIntoSafeMode(t *testing.T) {
	t.Parallel()
	s, c := newScenario(t).onOwnHDFS(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, 2*round)
		s.settle(t) // safe mode waits for blocks that are known
		s.sendDay(t, 2*round+1)
		s.Must(t, "stream")
		r := s.sleeper(t, "hdfs.before-rename", "to-hdfs")
		if err := c.DataNode.Kill(); err != nil {
			t.Fatal(err)
		}
		restart(t, c.NameNode)
		s.kills += 2
		wakeUp(t, r)
		r.Await(t, r.Stderr, "safe mode")
		if err := c.DataNode.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, r.Wait(t), 0, 69) // 69 when that took longer than the loader waits
		s.recovers(t)
	})
}

// H5. A file is whole when the NameNode calls it complete, which it may not do at once.
func TestH5ABlockIsNotYetReplicatedWhenItsFileIsClosed(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round).inHDFS(t)
		gate := gates.NewNameNode(t, s.nameNode())
		s.through(gate.Addr())
		const times = 4
		gate.Arm(gates.CompleteMethod, gates.NotFinished, times)
		s.Must(t, "to-hdfs")
		if met := gate.Met(); met != times {
			t.Errorf("%d files met the fault, want %d", met, times)
		}
		s.recovers(t)
	})
}

// H6. The place after the last commit is a folder's name: of two renames to it one fails.
func TestH6TwoWritersMeetAtOneOffset(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round).inHDFS(t)
		first := s.sleeper(t, "hdfs.before-rename", "to-hdfs")
		s.Must(t, "to-hdfs")
		expect(t, wake(t, first), 75)
		s.recovers(t)
	})
}

// H7. Without room nothing becomes visible; with room again the next run goes on.
func TestH7TheSpaceQuotaIsExceeded(t *testing.T) {
	t.Parallel()
	s, c := newScenario(t).onOwnHDFS(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, 2*round)
		s.settle(t)
		before := len(s.lakeRows(t))
		s.sendDay(t, 2*round+1)
		s.Must(t, "stream")
		s.setQuota(t, c, 1)
		expect(t, s.Run(t, "to-hdfs"), 73)
		if now := len(s.lakeRows(t)); now != before {
			t.Errorf("readers see %d rows, want %d as before", now, before)
		}
		s.setQuota(t, c, 1<<40)
		s.recovers(t)
	})
}

// H8. Whatever change of a compaction is the last, readers see each row once at the most, and the next run finishes it. Each
// time it is the same lake that is to be compacted.
func TestH8ACompactionIsKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.settle(t)
		lake, latest := s.Lake, latestOf(s.cleanRows(t))
		s.compacted = true
		steps := 0
		for killed := s.compactsOnCopy(t, lake, "hdfs.before-change:1", latest); killed; steps++ {
			killed = s.compactsOnCopy(t, lake, fmt.Sprintf("hdfs.after-change:%d", steps+1), latest)
		}
		if steps < 10 {
			t.Errorf("a compaction has %d steps", steps)
		}
		s.balance(t)
	})
}

// compactsOnCopy kills a compaction of a copy of a lake at a point. It reports whether the compaction came there.
func (s *scenario) compactsOnCopy(t *testing.T, lake, point string, latest []row) bool {
	t.Helper()
	s.Lake = filepath.Join(t.TempDir(), "lake")
	s.Program = s.With("SENMETEO_HDFS", "file://"+s.Lake)
	if err := os.CopyFS(s.Lake, os.DirFS(lake)); err != nil {
		t.Fatal(err)
	}
	killed := s.compacts(t, point)
	s.Must(t, compaction...)
	var v verdict
	if v.auditStore("the lake", latest, s.lakeRows(t)); v.wrong > 0 {
		t.Errorf("killed at %s and finished: %q", point, v.complaints)
	}
	return killed
}

var compaction = []string{"to-hdfs", "--compact", "--before", "2026-03-01"}

// compacts lets a compaction kill itself at a point, after which no row may be there twice. It reports whether it came there.
func (s *scenario) compacts(t *testing.T, point string) (killed bool) {
	t.Helper()
	p := s.With("SENMETEO_CRASH_AT", point)
	p.Variant = program.CrashPoints
	r := p.Run(t, compaction...)
	expect(t, r, 0, -1)
	if r.Code == 0 {
		return false
	}
	s.kills++
	seen := map[row]bool{}
	for _, row := range s.lakeRows(t) {
		if seen[row] {
			t.Errorf("killed at %s, a row is there twice: %v", point, row)
		}
		seen[row] = true
	}
	return true
}

// H8, where each compaction has to go on with what the one before it left, in HDFS.
func TestH8ACompactionIsKilledAgainAndAgainInHDFS(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t).inHDFS(t)
		for day := range 2 {
			s.sendDay(t, 2*round+day)
			s.settle(t)
		}
		s.balance(t)
		s.compacts(t, "hdfs.before-change:1")
		for step := 1; s.compacts(t, fmt.Sprintf("hdfs.after-change:%d", step)); step++ {
		}
		s.Must(t, compaction...)
		s.compacted = true
		s.balance(t)
	})
}
