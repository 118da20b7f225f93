package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab of a real Chromium, and what went wrong in it.
type browser struct {
	context.Context
	t    testing.TB
	home string // the only address that the page may talk to

	mu     sync.Mutex
	faults []string
}

// openBrowser starts a Chromium with a profile of its own; it ends with the test.
func openBrowser(t *testing.T, home string) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("there is no Chromium here: run `make deps`, or install the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(time.Minute),
	)
	bounded, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	allocated, stop := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(stop)
	tab, leave := chromedp.NewContext(allocated)
	t.Cleanup(leave)
	b := &browser{Context: tab, t: t, home: home}
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	if err := chromedp.Listen(tab, b.watch); err != nil {
		t.Fatalf("listening to the browser: %v", err)
	}
	b.run(command(network.Enable, network.EnableParams{}), command(runtime.Enable, cdp.Empty{}), command(log.Enable, cdp.Empty{}))
	return b
}

// watch notes errors of the console, exceptions, and requests to other hosts.
func (b *browser) watch(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.faults = append(b.faults, "console: "+string(e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.faults = append(b.faults, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.home) && !strings.HasPrefix(e.Request.URL, "data:") {
			b.faults = append(b.faults, "request to another host: "+e.Request.URL)
		}
	}
}

// command makes a step of a command of the browser's protocol.
func command[P, R any](c cdp.Command[P, R], parameters P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, parameters)
		return err
	})
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, steps...); err != nil {
		b.t.Fatalf("driving the browser: %v", err)
	}
}

// eval returns what an expression gives.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	result, err := chromedp.Run(b, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluating %s: %v", expression, err)
	}
	return result
}

// until waits for an expression to become true.
func (b *browser) until(expression string) {
	b.t.Helper()
	whole := fmt.Sprintf("(() => { try { return Boolean(%s) } catch { return false } })()", expression) // the page may not have the element yet
	wait := chromedp.Poll[bool](whole, chromedp.WithPollingTimeout(time.Minute), chromedp.WithPollingInterval(50*time.Millisecond))
	if _, err := chromedp.Run(b, wait); err != nil {
		b.t.Fatalf("waiting for %s: %v", expression, err)
	}
}

// size sets the window and the colours that the visitor prefers.
func (b *browser) size(width, height int64, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	mobile := func(screen *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
		screen.Mobile = width < 600
	}
	b.run(
		chromedp.EmulateViewport(width, height, mobile),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
	)
}

// picture keeps a screenshot of the whole page for people to look at.
func (b *browser) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("SENMETEO_ARTIFACTS")
	if folder == "" {
		folder = "../../.cache/artifacts"
	}
	image, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("taking a picture: %v", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.t.Fatalf("making the folder of the pictures: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "web-"+name+".png"), image, 0o644); err != nil {
		b.t.Fatalf("keeping a picture: %v", err)
	}
}

func (b *browser) expectNoFaults() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, fault := range b.faults {
		b.t.Error(fault)
	}
}
