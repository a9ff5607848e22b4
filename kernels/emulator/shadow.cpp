#include "kernels/emulator/shadow.hpp"

#include <algorithm>

namespace gemmact::emulator {

void shadow::reset(u64 bytes, bool lazy) {
  const u64 lines = (bytes + line_bytes - 1) / line_bytes;
  pages_.resize((lines + page_lines - 1) / page_lines);
  for (auto& page : pages_) {
    if (lazy) page.reset();
    else if (!page) page = std::make_unique<std::array<cell, page_lines>>();
    else page->fill({});
  }
  parts_used_ = 0;
  spare_parts_.clear();
  spare_lists_.clear();
  for (read_list& list : lists_) list.marks.clear();
  lists_used_ = 0;
}

shadow::cell& shadow::line(u64 number) {
  auto& page = pages_[number / page_lines];
  if (!page) page = std::make_unique<std::array<cell, page_lines>>();
  return (*page)[number % page_lines];
}

u32 shadow::new_list() {
  if (!spare_lists_.empty()) {
    const u32 number = spare_lists_.back();
    spare_lists_.pop_back();
    return number;
  }
  if (lists_used_ == lists_.size()) lists_.emplace_back();
  return lists_used_++;
}

u32 shadow::new_parts() {
  if (!spare_parts_.empty()) {
    const u32 number = spare_parts_.back();
    spare_parts_.pop_back();
    return number;
  }
  if (parts_used_ == parts_.size() * page_lines) parts_.push_back(std::make_unique<std::array<parts, page_lines>>());
  return parts_used_++;
}

void shadow::drop_reads(cell& c) {
  if (c.read.agent == several) {
    lists_[c.read.epoch].marks.clear();
    spare_lists_.push_back(c.read.epoch);
  }
  c.read.agent = no_agent;
}

// A cell becomes four, each with what it had.
void shadow::divide(cell& c) {
  const u32 number = new_parts();
  for (u32 i = 0; i < 4; i++) {
    cell& part = parts_at(number)[i];
    part = c;
    if (i == 0 || c.read.agent != several) continue;
    part.read.epoch = new_list();
    lists_[part.read.epoch] = lists_[c.read.epoch];
  }
  c.write = {};
  c.read = {};
  c.write.agent = divided;
  c.write.epoch = number;
}

// Forgets the parts of a cell that has just been written as a whole.
void shadow::unite(cell& c) {
  const u32 number = c.write.epoch;
  for (u32 i = 0; i < 4; i++) {
    cell& part = parts_at(number)[i];
    if (part.write.agent == divided) unite(part);
    drop_reads(part);
  }
  spare_parts_.push_back(number);
  c.write.agent = no_agent;
}

// Calls visit(cell, size, offset) for undivided cells, and for divided ones too before their parts if it asks for them by
// returning true for them; `first` and `count` are bytes of this cell.
template <class Visit>
void shadow::visit_cell(cell& c, u32 size, u32 first, u32 count, u64 offset, const Visit& visit) {
  if (c.write.agent != divided && count == size) return visit(c, size, offset);
  if (c.write.agent != divided) divide(c);
  const u32 number = c.write.epoch, part_size = size / 4;
  for (u32 i = first / part_size; i * part_size < first + count; i++) {
    const u32 from = std::max(first, i * part_size), to = std::min(first + count, (i + 1) * part_size);
    visit_cell(parts_at(number)[i], part_size, from - i * part_size, to - from, offset + i * part_size, visit);
  }
}

template <class Visit>
void shadow::visit(u64 offset, u64 bytes, const Visit& visit) {
  const u64 end = offset + bytes;
  while (offset < end) {
    const u32 first = u32(offset % line_bytes);
    const u32 count = u32(std::min<u64>(line_bytes - first, end - offset));
    visit_cell(line(offset / line_bytes), line_bytes, first, count, offset - first, visit);
    offset += count;
  }
}

void shadow::note(request& r, const mark& earlier, access_kind kind, u64 offset, u32 size) {
  if (r.found.bytes == 0) r.found = {earlier, kind, offset, size};
}

// A read stays until a later one is known to have happened after it: who knows of that one knows of it. The same of
// atomics; but a read and an atomic conflict with different accesses, so neither stands for the other.
bool shadow::superseded(const mark& old, const request& r) {
  if (old.atomic != r.now.atomic) return false;
  const bool same_agent = old.cluster == r.now.cluster && old.agent == r.now.agent;
  return (same_agent && old.epoch <= r.now.epoch && old.epoch != in_flight) || r.who.knows(old);
}

void shadow::add_to(read_list& list, const request& r) {
  list.atomics |= r.now.atomic;
  if (list.checked == r.who.base && !list.atomics) {
    for (mark& old : list.marks) {
      if (old.agent != r.now.agent || old.cluster != r.now.cluster || old.epoch > r.now.epoch || old.epoch == in_flight)
        continue;
      old = r.now;
      return;
    }
  } else {
    std::erase_if(list.marks, [&r](const mark& old) { return superseded(old, r); });
    list.checked = r.who.base;
  }
  list.marks.push_back(r.now);
}

void shadow::add_read(cell& c, const request& r) {
  if (c.read.agent == several) return add_to(lists_[c.read.epoch], r);
  if (c.read.agent == no_agent || superseded(c.read, r)) {
    c.read = r.now;
    return;
  }
  const u32 number = new_list();
  read_list& list = lists_[number];
  list.marks.push_back(c.read);
  list.marks.push_back(r.now);
  list.checked = r.who.base;
  list.atomics = c.read.atomic || r.now.atomic;
  c.read.agent = several;
  c.read.epoch = number;
}

void shadow::apply(cell& c, u32 size, u64 offset, request& r) {
  const auto conflicts = [&r](const mark& earlier) {
    if (r.kind == access_kind::write) return true;
    return earlier.atomic != (r.kind == access_kind::atomic);
  };
  const auto kind_of = [](const mark& m) { return m.atomic ? access_kind::atomic : access_kind::read; };
  if (c.write.agent != no_agent && !r.who.knows(c.write)) note(r, c.write, access_kind::write, offset, size);
  if (c.read.agent == several) {
    const read_list& list = lists_[c.read.epoch];
    if (r.kind != access_kind::read || list.atomics)
      for (const mark& m : list.marks)
        if (conflicts(m) && !r.who.knows(m)) note(r, m, kind_of(m), offset, size);
  } else if (c.read.agent != no_agent) {
    if (conflicts(c.read) && !r.who.knows(c.read)) note(r, c.read, kind_of(c.read), offset, size);
  }
  if (r.kind == access_kind::write) {
    drop_reads(c);
    c.write = r.now;
  } else {
    add_read(c, r);
  }
}

conflict shadow::access(u64 offset, u64 bytes, access_kind kind, const mark& now, const observer& who) {
  request r{now, who, kind, {}};
  visit(offset, bytes, [&](cell& c, u32 size, u64 at) { apply(c, size, at, r); });
  if (kind == access_kind::write) {
    const u64 end = (offset + bytes) / line_bytes;
    for (u64 number = (offset + line_bytes - 1) / line_bytes; number < end; number++) {
      cell& c = line(number);
      if (c.write.agent != divided) continue;
      unite(c);
      c.write = now;
    }
  }
  return r.found;
}

void shadow::landed(u64 offset, u64 bytes, u32 cluster, u32 agent, u32 epoch) {
  const auto land = [&](mark& m) {
    if (m.agent == agent && m.cluster == cluster && m.epoch == in_flight) m.epoch = epoch;
  };
  visit(offset, bytes, [&](cell& c, u32, u64) {
    land(c.write);
    if (c.read.agent == several) {
      for (mark& m : lists_[c.read.epoch].marks) land(m);
    } else {
      land(c.read);
    }
  });
}

void shadow::claim(u64 offset, u64 bytes, const mark& owner) {
  visit(offset, bytes, [&](cell& c, u32, u64) { c.write = owner; });
}

}  // namespace gemmact::emulator
