package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// firstStart makes the account and its root access key if the store has no
// account at all, and shows or writes down the key. The credentials file is written
// before the commit: after a crash in between, the next start finds no account and
// writes another.
func (s *server) firstStart(ctx context.Context) error {
	var made *RootKey
	err := s.data.store.Update(ctx, func(tx store.Tx) error {
		made = nil
		account, err := directory.GetAccount(tx, s.config.account())
		if err != nil || account != nil {
			return err
		}
		if err := checkFirst(tx, s.config.account()); err != nil {
			return err
		}
		if made, err = s.makeAccount(tx); err != nil {
			return err
		}
		return s.writeRootKey(made)
	})
	if err != nil {
		return fmt.Errorf("making account %s: %w", s.config.account(), err)
	}
	if made != nil {
		s.log.Info("made account", "account", s.config.account(), "rootAccessKey", made.ID)
		s.showRootKey(made)
	}
	return nil
}

// checkFirst refuses to make an account beside others, whose credentials file it
// would take.
func checkFirst(r store.Reader, id ids.Account) error {
	for a, err := range directory.Accounts(r, "") {
		if err == nil {
			err = fmt.Errorf("the data folder has other accounts, such as %s: start with --account %s, or make this one with 'iamd account create NAME --account %s'",
				string(a.ID), string(a.ID), string(id))
		}
		return err
	}
	return nil
}

func (s *server) makeAccount(tx store.Tx) (*RootKey, error) {
	id := s.config.account()
	a := &directory.Account{ID: id, Name: firstAccountName, Email: directory.DefaultEmail(id), Created: directory.At(s.config.Now())}
	if err := directory.PutAccount(tx, a); err != nil {
		return nil, err
	}
	ring := s.data.Keyring()
	if s.config.RootKeyID != "" {
		given := &RootKey{id, ids.KeyID(s.config.RootKeyID), ids.SecretKey(s.config.RootSecret)}
		key := &directory.AccessKey{ID: given.ID, Account: a.ID, Owner: a.Owner(), Active: true, Created: a.Created}
		if err := key.SealSecret(ring, given.Secret); err != nil {
			return nil, err
		}
		return given, directory.PutAccessKey(tx, a, key)
	}
	key, secret, err := directory.NewAccessKey(tx, s.ids, ring, a, s.config.Now())
	if err != nil {
		return nil, err
	}
	return &RootKey{id, key.ID, secret}, nil
}

func (s *server) writeRootKey(k *RootKey) error {
	if s.config.Folder.Ephemeral || s.config.NoCredentialsFile {
		return nil
	}
	return s.clientFiles.writeCredentials(k.ID, k.Secret)
}

// showRootKey shows the key once: to a person at a terminal always, and
// otherwise (output that is kept is no place for a secret) only when it is
// written down nowhere else.
func (s *server) showRootKey(k *RootKey) {
	if s.config.RootKeyID != "" {
		return // whoever started the server knows it
	}
	kept := !s.config.Folder.Ephemeral && !s.config.NoCredentialsFile
	if kept && !s.config.Terminal {
		return
	}
	var w io.Writer = s.config.Stdout
	if s.config.AuditLog == "-" {
		w = s.config.Stderr // standard output holds audit records and nothing else
	}
	k.Show(w)
}

// writeClientConfig tells AWS clients where the server is.
func (s *server) writeClientConfig(endpoint string) error {
	if s.config.Folder.Ephemeral {
		return nil
	}
	if _, err := os.Stat(s.clientFiles.Credentials); errors.Is(err, fs.ErrNotExist) {
		return nil // no credentials file was wanted, or it was removed
	}
	s.clientFiles.Endpoint = endpoint
	return s.clientFiles.writeConfig()
}
