// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/wire"
)

// saveFlags say whether a case is put into the store, and which.
type saveFlags struct {
	save  bool
	given bool // --save or --save=false
	store storeFlags
}

func (f *saveFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.save, "save", false, "search the store for what is known, and put the case into it; the default when --store or $CULPRIT_STORE names one")
	f.store.register(cmd)
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		f.given = cmd.Flags().Changed("save")
		return before(cmd, args)
	}
}

// check finds out where the store is, if one is to be used.
func (f *saveFlags) check(s Streams) error {
	if !f.given {
		f.save = f.store.configured(s)
	}
	if !f.save {
		return nil
	}
	return f.store.check(s)
}

// keeping puts what a triage finds into a store. Nil does nothing.
type keeping struct {
	db   store.Store
	last *store.Record
	err  error // the first that a save gave
}

// open opens the store, if one is to be used, and has the triage save into it.
func (f *saveFlags) open(ctx context.Context, log string, in *engine.Input) (*keeping, error) {
	if !f.save {
		return nil, nil
	}
	db, err := f.store.open(ctx)
	if err != nil {
		return nil, err
	}
	k := &keeping{db: db}
	in.Save = func(ctx context.Context, r *store.Record) {
		r.Source = redact.Text(logName(log))
		k.save(ctx, r)
	}
	in.Known = append(in.Known, wire.Remembered{Store: db, Case: func() string {
		if k.last == nil {
			return ""
		}
		return k.last.Case.ID
	}})
	return k, nil
}

func (k *keeping) save(ctx context.Context, r *store.Record) {
	if k.err == nil {
		k.last, k.err = r, k.db.Save(ctx, r)
	}
}

// saveAgain saves what a proof has added to the case. What the repository's own
// tests printed may hold secrets; the proof goes on with the original.
func (k *keeping) saveAgain(ctx context.Context, c *culprit.Case) error {
	again := *k.last
	var err error
	if again.Case, err = redact.Copy(c); err != nil {
		return err
	}
	k.save(ctx, &again)
	return nil
}

// also saves the case of the triage again whenever then, which may be nil, is
// called with it: after each step of a proof.
func (k *keeping) also(ctx context.Context, then func(*culprit.Case) error) func(*culprit.Case) error {
	if k == nil {
		return then
	}
	return func(c *culprit.Case) error {
		if err := k.saveAgain(ctx, c); err != nil {
			return err
		}
		if then == nil {
			return nil
		}
		return then(c)
	}
}

// close ends the use of the store and says whether all was saved.
func (k *keeping) close() error {
	if k == nil || k.db == nil {
		return nil
	}
	err := k.db.Close()
	if k.err != nil {
		err = k.err
	}
	k.db = nil
	if err != nil {
		return fmt.Errorf("the case was not saved: %w", err)
	}
	return nil
}
