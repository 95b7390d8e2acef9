package a

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var onlyTests int

var mu sync.Mutex

func parallel(t *testing.T) { t.Helper(); t.Parallel() }

func TestReplace(t *testing.T) {
	t.Parallel()
	old := timeNow
	defer func() { timeNow = old }()                  // want `timeNow is a package variable`
	timeNow = func() time.Time { return time.Time{} } // want `timeNow is a package variable`
	conf.level = 3                                    // want `conf is a package variable`
	os.Stderr = nil                                   // want `os.Stderr is a package variable`
	os.Setenv("A", "b")                               // want `os.Setenv changes the environment`
	onlyTests++
	mu.Lock()
	conf.level = 4
	mu.Unlock()
}

func TestHelper(t *testing.T) {
	parallel(t)
	os.Chdir("/") // want `os.Chdir changes the working directory`
}

func TestSerial(t *testing.T) {
	timeNow = nil
	os.Setenv("A", "b")
	t.Setenv("A", "b")
	t.Run("serial", func(t *testing.T) { timeNow = nil })
	t.Run("parallel", func(t *testing.T) {
		timeNow = nil
		t.Parallel()
		timeNow = nil // want `timeNow is a package variable`
		Debug = true
		t.Run("below", func(t *testing.T) {
			timeNow = nil // want `timeNow is a package variable`
		})
	})
}

func TestConditional(t *testing.T) {
	if testing.Short() {
		t.Parallel()
	}
	timeNow = nil
}

// To set a variable to what it is changes nothing.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	for _, kv := range os.Environ() {
		k, v, _ := strings.Cut(kv, "=")
		os.Setenv(k, v)
		os.Unsetenv("A") // want `os.Unsetenv changes the environment`
	}
	for _, k := range []string{"A"} {
		os.Setenv(k, "b") // want `os.Setenv changes the environment`
	}
}

// To ask for the number of processors changes nothing.
func TestProcessors(t *testing.T) {
	t.Parallel()
	t.Log(runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(-1))
	t.Cleanup(func() {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(-1))
	})
	runtime.GOMAXPROCS(2) // want `runtime.GOMAXPROCS changes the scheduler`
}
