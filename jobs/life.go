package main

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"senmeteo/jobs/alive"
)

// silence is how long a job may log nothing: the log stream of a container that is silent for longer can be lost.
const silence = 20 * time.Second

// lastWrite remembers when something was last written.
type lastWrite struct {
	to io.Writer
	at atomic.Int64 // nanoseconds
}

// Write implements io.Writer.
func (w *lastWrite) Write(p []byte) (int, error) {
	w.at.Store(time.Now().UnixNano())
	return w.to.Write(p)
}

// startHeartbeat logs how far the job is whenever it has logged nothing for a while, until the function that it returns has been
// called: nothing comes between the job's last line and its report.
func (j *job) startHeartbeat() (stop func()) {
	j.spoken.at.Store(time.Now().UnixNano())
	began, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			wait := time.NewTimer(time.Until(time.Unix(0, j.spoken.at.Load()).Add(silence)))
			select {
			case <-done:
				wait.Stop()
				return
			case <-wait.C:
			}
			if time.Since(time.Unix(0, j.spoken.at.Load())) >= silence {
				j.log.Info("at work", "seconds", int64(time.Since(began).Seconds()), "records", j.records.Load())
				j.spoken.at.Store(time.Now().UnixNano()) // also where this level is not logged
			}
		}
	}()
	return func() { close(done); <-ended }
}

// show makes the job visible to `senmeteo health`; with a url it is asked too. A job that can't be seen works all the same.
func (j *job) show(url string) {
	j.end()
	heartbeat, err := alive.Start(alive.Places(os.Getenv), j.name, url)
	if err != nil {
		j.log.Debug("`senmeteo health` will not see this job; set SENMETEO_RUNTIME_DIR to a folder that it can write to", "error", err)
		return
	}
	j.alive = heartbeat
}

// end ends the job's heartbeat.
func (j *job) end() {
	if err := j.alive.Close(); err != nil {
		j.log.Debug("ending", "error", err)
	}
	j.alive = nil
}

// moved notes how much of the job is done.
func (j *job) moved(done, total int64) {
	j.alive.Progress()
	j.records.Store(done)
	j.progress.Set(done, total)
}
