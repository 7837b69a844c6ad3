#include "tools/pdpctl/table.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace pdp::pdpctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Wider cells are cut.
constexpr size_t kCellMax = 100;

bool IsInstant(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Timestamp::descriptor();
}

// `index` < 0: not a list.
std::string ValueOf(const Message& row, const FieldDescriptor* field, int index) {
  const auto* access = row.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) return "(bytes)";
      return one ? access->GetString(row, field) : access->GetRepeatedString(row, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return (one ? access->GetEnum(row, field) : access->GetRepeatedEnum(row, field, index))
          ->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? access->GetBool(row, field) : access->GetRepeatedBool(row, field, index))
                 ? "yes"
                 : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? access->GetInt32(row, field)
                              : access->GetRepeatedInt32(row, field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? access->GetInt64(row, field)
                              : access->GetRepeatedInt64(row, field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? access->GetUInt32(row, field)
                              : access->GetRepeatedUInt32(row, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? access->GetUInt64(row, field)
                              : access->GetRepeatedUInt64(row, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "(number)";
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto& stamp =
          static_cast<const google::protobuf::Timestamp&>(access->GetMessage(row, field));
      return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(stamp.seconds()),
                              absl::UTCTimeZone());
    }
  }
  return "";
}

std::string TextOf(const Message& row, const FieldDescriptor* field) {
  const auto* access = row.GetReflection();
  if (!field->is_repeated()) return access->HasField(row, field) ? ValueOf(row, field, -1) : "";
  std::vector<std::string> values;
  for (int i = 0; i < access->FieldSize(row, field); ++i) {
    values.push_back(ValueOf(row, field, i));
  }
  return absl::StrJoin(values, ",");
}

// What a cell can show.
bool IsPlain(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         (IsInstant(field) && !field.is_repeated());
}

// Fields of the row and, below their name, of the messages in it: draft.reference.
struct Column {
  std::vector<const FieldDescriptor*> path;
  std::string name;
};

void AddColumns(const google::protobuf::Descriptor* type, const Column& above, int depth,
                std::vector<Column>* columns) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    Column column = above;
    column.path.push_back(field);
    column.name = absl::StrCat(above.name, above.name.empty() ? "" : ".", field->json_name());
    if (IsPlain(*field)) {
      columns->push_back(std::move(column));
    } else if (!field->is_repeated() && depth > 0) {
      AddColumns(field->message_type(), column, depth - 1, columns);
    }
  }
}

std::string CellOf(const Message& row, const Column& column) {
  const Message* message = &row;
  for (size_t i = 0; i + 1 < column.path.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, column.path[i]);
  }
  const std::string cell = TextOf(*message, column.path.back());
  return cell.size() <= kCellMax ? cell : cell.substr(0, kCellMax - 2) + "..";
}

std::string TableOf(const std::vector<const Message*>& rows) {
  std::vector<Column> columns;
  AddColumns(rows[0]->GetDescriptor(), {}, 1, &columns);
  std::vector<std::string> lines(rows.size() + 1);
  for (const Column& column : columns) {
    std::vector<std::string> cells = {column.name};
    bool any = false;
    for (const Message* row : rows) {
      cells.push_back(CellOf(*row, column));
      any = any || !cells.back().empty();
    }
    if (!any) continue;
    size_t width = 0;
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      absl::StrAppend(&lines[i], cells[i], std::string(width + 2 - cells[i].size(), ' '));
    }
  }
  std::string text;
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace

std::string ToTable(const Message& reply) {
  const auto* access = reply.GetReflection();
  std::string tables, rest;
  for (int i = 0; i < reply.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = reply.GetDescriptor()->field(i);
    if (!field->is_repeated() || IsPlain(*field)) {
      const bool there = IsPlain(*field) && (field->is_repeated()
                                                 ? access->FieldSize(reply, field) > 0
                                                 : access->HasField(reply, field));
      if (there) absl::StrAppend(&rest, field->json_name(), ": ", TextOf(reply, field), "\n");
      continue;
    }
    if (field->is_map() || access->FieldSize(reply, field) == 0) continue;
    std::vector<const Message*> rows;
    for (int row = 0; row < access->FieldSize(reply, field); ++row) {
      rows.push_back(&access->GetRepeatedMessage(reply, field, row));
    }
    absl::StrAppend(&tables, tables.empty() ? "" : "\n", TableOf(rows));
  }
  if (tables.empty() && rest.empty()) return "nothing\n";
  return tables + rest;
}

}  // namespace pdp::pdpctl
