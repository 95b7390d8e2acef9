package a

import "testing"

// Nothing but the literal uses the variable: its declaration goes with the fix.
func TestAlone(t *testing.T) {
	limit := 3 // stays
	// The error of a subtest.
	var err error
	for range limit {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			err = work() // want `err is declared outside`
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// One of the two is used by somebody else.
func TestAlonePair(t *testing.T) {
	var n int
	var err error
	t.Log(n)
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			n, err = pair() // want `n is declared outside` `err is declared outside`
			if err != nil {
				t.Fatal(n, err)
			}
		})
	}
}

// A declaration that does more than declare is left as it is, without a fix.
func TestAloneValue(t *testing.T) {
	err := work()
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			err = work() // want `err is declared outside`
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAloneTwo(t *testing.T) {
	var err, other error
	t.Log(other)
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			err = work() // want `err is declared outside`
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
