package iam

import (
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// needEntity is a permission on an entity. One that does not exist has neither path
// nor tags: the permission is asked on the name alone, and Run says that it is missing.
func needEntity[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], action, name string) ([]op.Need, error) {
	rec, err := k.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	return needRecord(c, k, action, name, rec), nil
}

// needRecord is needEntity for the entity of that name, or nil, that was looked up already.
func needRecord[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], action, name string, rec P) []op.Need {
	if rec == nil {
		return need(action, k.ARN(c.Caller.Account, "/", name))
	}
	e := rec.Common()
	return needOn(action, k.ARN(e.Account, e.Path, e.Name), e.Tags)
}

func mustEntity[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], name string) (P, error) {
	rec, err := k.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && rec == nil {
		err = noSuchEntity("The %s with name %s cannot be found.", k.Noun(), name)
	}
	return rec, err
}

// checkFree refuses a name that another entity has, whatever its case.
func checkFree[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], name string) error {
	taken, err := k.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && taken != nil {
		noun := strings.ToUpper(k.Noun()[:1]) + k.Noun()[1:]
		err = awserr.New(409, "EntityAlreadyExists", "%s with name %s already exists.", noun, name)
	}
	return err
}

// needRename is the permission on an entity and, if it gets another path or name,
// on what it becomes.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
func needRename[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], action, name string, newName, newPath *string) ([]op.Need, error) {
	was, err := k.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	needs := needRecord(c, k, action, name, was)
	if was == nil {
		return needs, nil
	}
	from, to := was.Common(), renamed(was, newName, newPath).Common()
	if to.Path != from.Path || to.Name != from.Name {
		needs = append(needs, needOn(action, k.ARN(to.Account, to.Path, to.Name), to.Tags)...)
	}
	return needs, nil
}

// rename gives an entity another name, another path, or both.
func rename[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], name string, newName, newPath *string) (*op.None, error) {
	was, err := mustEntity(c, k, name)
	if err != nil {
		return nil, err
	}
	rec := renamed(was, newName, newPath)
	if to := rec.Common().Name; !strings.EqualFold(to, was.Common().Name) {
		if err := checkFree(c, k, to); err != nil {
			return nil, err
		}
	}
	return &op.None{}, k.Put(c.Tx, was, rec)
}

func renamed[T any, P directory.Record[T]](was P, name, path *string) P {
	changed := *was
	rec := P(&changed)
	if name != nil {
		rec.Common().Name = *name
	}
	if path != nil {
		rec.Common().Path = *path
	}
	return rec
}

// conflict is what must go before an entity can: what to do, in AWS's words, and
// whether there is any of it.
type conflict[P any] struct {
	first   string
	remains func(*op.Call, P) (bool, error)
}

func checkConflicts[P any](c *op.Call, conflicts []conflict[P], rec P) error {
	for _, conflict := range conflicts {
		remains, err := conflict.remains(c, rec)
		if err != nil {
			return err
		}
		if remains {
			return deleteConflict(conflict.first)
		}
	}
	return nil
}
