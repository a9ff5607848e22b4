#include "tests/porting/page.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace gemmact::porting {
namespace {

// What a row's first cell says, and the plan of the page's code that it is about.
constexpr const char* plans[][2] = {{"a forward epilogue", "forward_plan"},
                                    {"`DRELU`", "input_grad_plan"},
                                    {"`BGRADB`", "weight_grad_plan"},
                                    {"`BGRADA`", "weight_grad_columns_plan"}};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return cells;
}

std::vector<std::string> quoted(const std::string& cell) {
  static const std::regex form("`([^`]*)`( \\([A-Za-z]+\\))?");
  std::vector<std::string> found;
  for (std::sregex_iterator m(cell.begin(), cell.end(), form), last; m != last; ++m)
    found.push_back((*m)[1].str() + (*m)[2].str());
  if (found.empty() != (cell == "none")) throw std::runtime_error("neither `names` nor none: " + cell);
  return found;
}

// "`W`, transa = T": the slot and the letter.
void read_operand(const std::string& cell, std::string& slot, char& rows) {
  static const std::regex form("`(\\w+)`, trans[ab] = ([NT])");
  std::smatch m;
  if (!std::regex_match(cell, m, form)) throw std::runtime_error("not `SLOT`, transx = N or T: " + cell);
  slot = m[1];
  rows = m.str(2)[0];
}

}  // namespace

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<epilogue_row> epilogue_rows(const std::string& page) {
  std::vector<epilogue_row> rows;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `CUBLASLT_EPILOGUE_", 0) != 0) continue;
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 4) throw std::runtime_error("not four cells: " + line);
    const std::vector<std::string> function = quoted(cells[2]);
    rows.push_back(
        {quoted(cells[0]).at(0), quoted(cells[1]).at(0), function.empty() ? "" : function[0], quoted(cells[3])});
  }
  return rows;
}

std::vector<roles_row> roles_rows(const std::string& page) {
  std::vector<roles_row> rows;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    for (const auto& [begin, plan] : plans) {
      if (line.rfind(std::string("| ") + begin, 0) != 0) continue;
      const std::vector<std::string> cells = cells_of(line);
      if (cells.size() != 5) throw std::runtime_error("not five cells: " + line);
      roles_row row{plan, cells[1], "", "", quoted(cells[4]).at(0)};
      read_operand(cells[2], row.a, row.a_rows);
      read_operand(cells[3], row.b, row.b_rows);
      row.d_rows = cells[4].find("column-major") == std::string::npos;
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace gemmact::porting
