// Package xlsx reads and writes workbooks of Excel 2007 and later, LibreOffice and others. Sheets pass
// through temporary files, so that a large one does not need its size in memory.
package xlsx
