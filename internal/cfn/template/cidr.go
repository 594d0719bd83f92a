package template

import (
	"math/big"
	"net/netip"
	"strconv"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// cidr divides an address block: Fn::Cidr [block, count, bits]. bits is how many are left
// for addresses in each part; AWS's own is 8 for IPv4 and 64 for IPv6.
func cidr(arg, at *tree.Node) (*tree.Node, error) {
	if !arg.Is(tree.List) || len(arg.Items) < 2 || len(arg.Items) > 3 {
		return nil, refuse(at, wrongCidr)
	}
	for _, item := range arg.Items {
		if item.Is(tree.Unknown) {
			return unknown, nil
		}
	}
	block, err := netip.ParsePrefix(arg.Items[0].Text)
	if err != nil {
		return nil, refuse(at, wrongCidr)
	}
	size := block.Addr().BitLen()
	bits := 8
	if size == 128 {
		bits = 64
	}
	if len(arg.Items) == 3 {
		if bits, err = strconv.Atoi(arg.Items[2].Text); err != nil || bits < 1 || bits > size {
			return nil, refuse(at, wrongCidr)
		}
	}
	count, err := strconv.Atoi(arg.Items[1].Text)
	if err != nil || count < 1 || count > maxCidrs {
		return nil, refuse(at, wrongCidr)
	}
	// As many parts as there are of them: 2 to the power of what the block has beyond bits.
	room := size - bits - block.Bits()
	if room < 0 || room < 8 && count > 1<<room {
		return nil, refuse(at, functionError+"Fn::Cidr cannot make %d blocks of %d bits in %s", count, bits, block)
	}
	return parts(block, size-bits, count), nil
}

// parts are the first count blocks of the given length in block.
func parts(block netip.Prefix, length, count int) *tree.Node {
	first := block.Masked().Addr()
	start := new(big.Int).SetBytes(first.AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(first.BitLen()-length))
	list := &tree.Node{Kind: tree.List}
	for range count {
		addr, _ := netip.AddrFromSlice(start.FillBytes(make([]byte, first.BitLen()/8)))
		list.Items = append(list.Items, tree.Text(netip.PrefixFrom(addr, length).String()))
		start.Add(start, step)
	}
	return list
}
