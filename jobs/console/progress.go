package console

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress is a bar on a terminal. A nil Progress draws nothing.
type Progress struct {
	bars *mpb.Progress
	bar  *mpb.Bar
}

// NewProgress draws a bar for a job on a terminal, at most width columns wide.
func NewProgress(out io.Writer, job string) *Progress {
	bars := mpb.New(mpb.WithOutput(out), mpb.WithWidth(40), mpb.WithAutoRefresh())
	bar := bars.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(job+" "), decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Percentage(), decor.Name(" "), decor.AverageSpeed(0, "%.0f/s")),
	)
	return &Progress{bars: bars, bar: bar}
}

// Set shows how many records are done, and how many there are as far as is known.
func (p *Progress) Set(done, total int64) {
	if p == nil {
		return
	}
	p.bar.SetTotal(max(done, total), false)
	p.bar.SetCurrent(done)
}

// Write prints log lines above the bar.
func (p *Progress) Write(line []byte) (int, error) { return p.bars.Write(line) }

// Close removes the bar.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}
